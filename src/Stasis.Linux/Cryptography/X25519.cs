using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>Diffie-Hellman on Curve25519 (RFC 7748), libcrypto's.</summary>
public static class X25519
{
    /// <summary>Bytes of a key, public or secret, and of a shared secret.</summary>
    public const int Size = 32;

    /// <summary>The public key that belongs to a secret one.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> secret)
    {
        using var key = KeyHandle.Private(Evp.X25519, secret);
        return key.PublicKey();
    }

    /// <summary>What both sides can work out; null if the other's key is of low order, so that everybody could.</summary>
    public static byte[]? SharedSecret(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey)
    {
        using var own = KeyHandle.Private(Evp.X25519, secret);
        using var peer = KeyHandle.Public(Evp.X25519, publicKey);
        var context = Evp.EVP_PKEY_CTX_new(own, 0);
        try
        {
            if (Evp.EVP_PKEY_derive_init(context) != 1 || Evp.EVP_PKEY_derive_set_peer(context, peer) != 1)
                throw new InvalidOperationException("libcrypto has no X25519");
            var shared = new byte[Size];
            var size = (nuint)shared.Length;
            if (Evp.EVP_PKEY_derive(context, shared, ref size) == 1)
                return shared.AsSpan().ContainsAnyExcept((byte)0) ? shared : null;
            Evp.ERR_clear_error();
            return null;
        }
        finally
        {
            Evp.EVP_PKEY_CTX_free(context);
        }
    }
}
