using Stasis.Engine.Common;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Streams;

/// <summary>Hashes what is read through it.</summary>
/// <param name="source">It stays open.</param>
/// <param name="read">Told how many bytes were read so far.</param>
internal sealed class DigestStream(Stream source, Action<long>? read = null) : OneWayStream(writes: false)
{
    private readonly Sha256 _hash = new();
    private long _count;

    public override int Read(Span<byte> buffer)
    {
        var count = source.Read(buffer);
        _hash.Append(buffer[..count]);
        _count += count;
        read?.Invoke(_count);
        return count;
    }

    /// <summary>Reads what is left, and gives the digest of all.</summary>
    public string Finish()
    {
        CopyTo(Null);
        return Digests.Text(_hash.Finish());
    }
}
