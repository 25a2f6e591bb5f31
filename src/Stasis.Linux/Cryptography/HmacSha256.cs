using System.Security.Cryptography;
using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>HMAC-SHA-256 (RFC 2104) of libcrypto, and HKDF with it (RFC 5869).</summary>
public static class HmacSha256
{
    /// <summary>The authentication code of data: <see cref="Sha256.Size"/> bytes.</summary>
    public static byte[] Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        var code = new byte[Sha256.Size];
        // A null pointer would mean the key of the call before, so an empty key must not be one.
        Span<byte> none = [0];
        if (Evp.HMAC(Evp.EVP_sha256(), key.IsEmpty ? none : key, key.Length, data, (nuint)data.Length, code, 0) == 0)
            throw new InvalidOperationException("libcrypto has no HMAC-SHA-256");
        return code;
    }

    /// <summary>Derives a key of up to 32 bytes from a secret (HKDF).</summary>
    public static byte[] DeriveKey(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, int size = Sha256.Size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Sha256.Size);
        var extracted = Compute(salt, secret);
        var expanded = Compute(extracted, [.. info, 1]);
        CryptographicOperations.ZeroMemory(extracted);
        return expanded[..size];
    }
}
