using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>SHA-512 of libcrypto's low-level functions, like <see cref="Sha256"/>.</summary>
public sealed class Sha512
{
    /// <summary>Length of a hash in bytes.</summary>
    public const int Size = 64;

    private readonly byte[] _context = new byte[Crypto.Context512Size];

    /// <summary>Starts a hash.</summary>
    public Sha512() => _ = Crypto.SHA512_Init(_context);

    /// <summary>Adds data.</summary>
    public void Append(ReadOnlySpan<byte> data) => _ = Crypto.SHA512_Update(_context, data, (nuint)data.Length);

    /// <summary>The hash of all data that was added. To be called once, at the end.</summary>
    public byte[] Finish()
    {
        var hash = new byte[Size];
        _ = Crypto.SHA512_Final(hash, _context);
        return hash;
    }

    /// <summary>The hash of data.</summary>
    public static byte[] Compute(ReadOnlySpan<byte> data)
    {
        var hash = new Sha512();
        hash.Append(data);
        return hash.Finish();
    }
}
