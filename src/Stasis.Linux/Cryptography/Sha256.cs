using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>
/// SHA-256 of libcrypto's low-level functions. .NET's class would initialise all of libssl, which costs a command 10 ms, and
/// aborts it if libssl isn't installed.
/// </summary>
public sealed class Sha256
{
    /// <summary>Length of a hash in bytes.</summary>
    public const int Size = 32;

    private readonly byte[] _context = new byte[Crypto.ContextSize];

    /// <summary>Starts a hash.</summary>
    public Sha256() => _ = Crypto.SHA256_Init(_context);

    /// <summary>Adds data.</summary>
    public void Append(ReadOnlySpan<byte> data) => _ = Crypto.SHA256_Update(_context, data, (nuint)data.Length);

    /// <summary>The hash of all data that was added. To be called once, at the end.</summary>
    public byte[] Finish()
    {
        var hash = new byte[Size];
        _ = Crypto.SHA256_Final(hash, _context);
        return hash;
    }

    /// <summary>The hash of data.</summary>
    public static byte[] Compute(ReadOnlySpan<byte> data)
    {
        var hash = new Sha256();
        hash.Append(data);
        return hash.Finish();
    }
}
