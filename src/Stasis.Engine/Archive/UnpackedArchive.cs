using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Stasis.Engine.Archive.Signing;

namespace Stasis.Engine.Archive;

/// <summary>An archive that was unpacked.</summary>
/// <param name="Digest">"sha256:" and the hash of all its bytes, in hexadecimal digits.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Signed">Its signature, which is right; null where none was asked for.</param>
/// <param name="WasEncrypted">It was encrypted.</param>
internal sealed record UnpackedArchive(string Digest, long Length, SignatureCheck? Signed, bool WasEncrypted)
{
    /// <summary>How long it took to look through what it holds.</summary>
    public TimeSpan ValidationDuration { get; init; }
}
