using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>X25519 key agreement (RFC 7748) of libcrypto.</summary>
public static class X25519
{
    /// <summary>Length in bytes of a public key, a secret key and a shared secret.</summary>
    public const int Size = 32;

    /// <summary>The public key of a secret key.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> secret)
    {
        using var key = KeyHandle.Private(Evp.X25519, secret);
        return key.PublicKey();
    }

    /// <summary>
    /// The secret that both sides can compute; null if the public key has a low order, so that everybody could compute it.
    /// </summary>
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
