using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>Ed25519 signatures (RFC 8032) of libcrypto.</summary>
public static class Ed25519
{
    /// <summary>Length of a public key in bytes, and of the seed that is the secret key.</summary>
    public const int KeySize = 32;

    /// <summary>Length of a signature in bytes.</summary>
    public const int SignatureSize = 64;

    /// <summary>The public key of a secret key.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        using var key = KeyHandle.Private(Evp.Ed25519, seed);
        return key.PublicKey();
    }

    /// <summary>Signs data with a secret key.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> data)
    {
        using var key = KeyHandle.Private(Evp.Ed25519, seed);
        var signature = new byte[SignatureSize];
        var size = (nuint)signature.Length;
        var context = Evp.EVP_MD_CTX_new();
        try
        {
            if (Evp.EVP_DigestSignInit(context, 0, 0, 0, key) != 1
                || Evp.EVP_DigestSign(context, signature, ref size, data, (nuint)data.Length) != 1)
                throw new InvalidOperationException("libcrypto can't sign with Ed25519");
            return signature;
        }
        finally
        {
            Evp.EVP_MD_CTX_free(context);
        }
    }

    /// <summary>Whether a signature of the data is valid.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeySize || signature.Length != SignatureSize)
            return false;
        using var key = KeyHandle.Public(Evp.Ed25519, publicKey);
        var context = Evp.EVP_MD_CTX_new();
        try
        {
            var valid = Evp.EVP_DigestVerifyInit(context, 0, 0, 0, key) == 1
                && Evp.EVP_DigestVerify(context, signature, (nuint)signature.Length, data, (nuint)data.Length) == 1;
            if (!valid)
                Evp.ERR_clear_error();
            return valid;
        }
        finally
        {
            Evp.EVP_MD_CTX_free(context);
        }
    }
}
