using Stasis.Engine.Archive.Signing;

namespace Stasis.Engine.Archive;

/// <summary>An archive that was unpacked.</summary>
/// <param name="Digest">"sha256:" and the hash of the archive's bytes, in hexadecimal digits.</param>
/// <param name="Length">The archive's length in bytes.</param>
/// <param name="Signed">The archive's signature, which was verified; null if none was required.</param>
/// <param name="WasEncrypted">Whether the archive was encrypted.</param>
internal sealed record UnpackedArchive(string Digest, long Length, SignatureCheck? Signed, bool WasEncrypted)
{
    /// <summary>How long validating the contents took.</summary>
    public TimeSpan ValidationDuration { get; init; }
}
