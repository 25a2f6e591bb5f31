using Stasis.Engine.Common;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Streams;

/// <summary>Hashes the bytes that are written through the stream, for targets that can't be read back.</summary>
/// <param name="target">The stream that is written to, which stays open.</param>
internal sealed class HashingWriteStream(Stream target) : OneWayStream(writes: true)
{
    private readonly Sha256 _hash = new();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        target.Write(buffer);
        _hash.Append(buffer);
    }

    public override void Flush() => target.Flush();

    /// <summary>Returns "sha256:" and the hash of the bytes written.</summary>
    public string Digest() => Digests.Text(_hash.Finish());
}
