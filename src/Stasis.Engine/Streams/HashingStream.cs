using Stasis.Engine.Common;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Streams;

/// <summary>Hashes what is written through it, for what can't be read back.</summary>
/// <param name="target">It stays open.</param>
internal sealed class HashingStream(Stream target) : OneWayStream(writes: true)
{
    private readonly Sha256 _hash = new();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        target.Write(buffer);
        _hash.Append(buffer);
    }

    public override void Flush() => target.Flush();

    /// <summary>"sha256:" and the hash of all that was written.</summary>
    public string Digest() => Digests.Text(_hash.Finish());
}
