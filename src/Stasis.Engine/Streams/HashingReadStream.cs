using Stasis.Engine.Common;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Streams;

/// <summary>Hashes the bytes that are read through the stream.</summary>
/// <param name="source">The stream that is read, which stays open.</param>
/// <param name="read">Receives the number of bytes read so far.</param>
internal sealed class HashingReadStream(Stream source, Action<long>? read = null) : OneWayStream(writes: false)
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

    /// <summary>Reads the rest, and returns the digest of all bytes.</summary>
    public string Finish()
    {
        CopyTo(Null);
        return Digests.Text(_hash.Finish());
    }
}
