using CsCheck;
using Stasis.Linux.Cryptography;
using Xunit;

namespace Stasis.UnitTests.Linux.Cryptography;

public sealed class CryptoTests
{
    // RFC 7748, section 6.1.
    private const string AliceSecret = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
    private const string AlicePublic = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
    private const string BobSecret = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
    private const string BobPublic = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
    private const string Shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

    // RFC 8032, section 7.1, test 1.
    private const string Seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    private const string SignerPublic = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    private const string EmptySignature =
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

    [Fact]
    public void X25519_gives_both_sides_the_same_secret()
    {
        Assert.Equal(AlicePublic, Convert.ToHexStringLower(X25519.PublicKey(Bytes(AliceSecret))));
        Assert.Equal(BobPublic, Convert.ToHexStringLower(X25519.PublicKey(Bytes(BobSecret))));
        Assert.Equal(Shared, Convert.ToHexStringLower(X25519.SharedSecret(Bytes(AliceSecret), Bytes(BobPublic))!));
        Assert.Equal(Shared, Convert.ToHexStringLower(X25519.SharedSecret(Bytes(BobSecret), Bytes(AlicePublic))!));
    }

    [Theory] // points of order 1, 2 and 8 (RFC 7748, section 6.1; cr.yp.to/ecdh.html)
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void A_key_of_low_order_gives_no_secret(string key) => Assert.Null(X25519.SharedSecret(Bytes(AliceSecret), Bytes(key)));

    [Fact]
    public void Ed25519_signs_as_the_RFC_does()
    {
        Assert.Equal(SignerPublic, Convert.ToHexStringLower(Ed25519.PublicKey(Bytes(Seed))));
        Assert.Equal(EmptySignature, Convert.ToHexStringLower(Ed25519.Sign(Bytes(Seed), [])));
        Assert.True(Ed25519.Verify(Bytes(SignerPublic), [], Bytes(EmptySignature)));
    }

    [Fact]
    public void Ed25519_refuses_what_was_not_signed() => Gen.Select(
        Gen.Byte.Array[1, 200],
        Gen.Int[0, 199 * 8],
        Gen.Int[0, (64 * 8) - 1]).Sample(
        (data, bit, signatureBit) =>
        {
            var signature = Ed25519.Sign(Bytes(Seed), data);
            var other = data.ToArray();
            other[bit / 8 % data.Length] ^= (byte)(1 << (bit % 8));
            Assert.True(Ed25519.Verify(Bytes(SignerPublic), data, signature));
            Assert.False(Ed25519.Verify(Bytes(SignerPublic), other, signature));
            Assert.False(Ed25519.Verify(Bytes(AlicePublic), data, signature));
            signature[signatureBit / 8] ^= (byte)(1 << (signatureBit % 8));
            Assert.False(Ed25519.Verify(Bytes(SignerPublic), data, signature));
            Assert.False(Ed25519.Verify(Bytes(SignerPublic), data, signature.AsSpan(1)));
        },
        iter: 50);

    [Theory] // RFC 5869, appendix A, tests 1 and 3
    [InlineData("000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9", "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")]
    [InlineData("", "", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")]
    public void Keys_are_derived_as_the_RFC_does(string salt, string info, string key) =>
        Assert.Equal(
            key,
            Convert.ToHexStringLower(HmacSha256.DeriveKey(Enumerable.Repeat((byte)0x0b, 22).ToArray(), Bytes(salt), Bytes(info))));

    [Fact]
    public void ChaCha20Poly1305_equals_dotnets() => Gen.Select(
        Gen.Byte.Array[32],
        Gen.Byte.Array[12],
        Gen.Byte.Array[0, 5000]).Sample(
        (key, nonce, plaintext) =>
        {
            var (expected, tag) = (new byte[plaintext.Length], new byte[16]);
            using (var reference = new System.Security.Cryptography.ChaCha20Poly1305(key))
                reference.Encrypt(nonce, plaintext, expected, tag);
            using var cipher = new ChaCha20Poly1305(key);
            var (ciphertext, back) = (new byte[plaintext.Length + 16], new byte[plaintext.Length]);
            cipher.Encrypt(nonce, plaintext, ciphertext);
            Assert.Equal([.. expected, .. tag], ciphertext);
            Assert.True(cipher.TryDecrypt(nonce, ciphertext, back));
            Assert.Equal(plaintext, back);
        },
        iter: 200);

    [Fact]
    public void ChaCha20Poly1305_refuses_a_changed_bit_and_returns_nothing() => Gen.Select(
        Gen.Byte.Array[1, 500],
        Gen.Int[0, 517 * 8]).Sample(
        (plaintext, bit) =>
        {
            using var cipher = new ChaCha20Poly1305(new byte[32]);
            var ciphertext = new byte[plaintext.Length + 16];
            cipher.Encrypt(new byte[12], plaintext, ciphertext);
            ciphertext[bit / 8 % ciphertext.Length] ^= (byte)(1 << (bit % 8));
            var back = new byte[plaintext.Length];
            Assert.False(cipher.TryDecrypt(new byte[12], ciphertext, back));
            Assert.All(back, b => Assert.Equal(0, b));
            // And the cipher can be used on.
            cipher.Encrypt(new byte[12], plaintext, ciphertext);
            Assert.True(cipher.TryDecrypt(new byte[12], ciphertext, back));
        },
        iter: 100);

    [Fact]
    public void Sha512_equals_the_standards_example() => // FIPS 180-2, appendix C.1
        Assert.Equal(
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            Convert.ToHexStringLower(Sha512.Compute("abc"u8)));

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);
}
