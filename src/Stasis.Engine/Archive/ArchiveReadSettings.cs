using Stasis.Engine.Formats.Age;
using Stasis.Engine.Formats.Ssh;

namespace Stasis.Engine.Archive;

/// <summary>How an archive is read: with which identities, signers and limits.</summary>
internal sealed record ArchiveReadSettings
{
    /// <summary>Access to archives that aren't encrypted, whether signed or not.</summary>
    public static ArchiveReadSettings Open { get; } = new();

    /// <summary>Identities to decrypt the archive with.</summary>
    public IReadOnlyList<AgeIdentity> Identities { get; init; } = [];

    /// <summary>The signers, one of whom must have signed the archive; null if no signature is required.</summary>
    public TrustedSigners? Signers { get; init; }

    /// <summary>How much the archive may ask of this host.</summary>
    public ArchiveLimits Limits { get; init; } = ArchiveLimits.Default;

    /// <summary>The signature's path; null for the archive's path with ".sig".</summary>
    public string? Signature { get; init; }
}
