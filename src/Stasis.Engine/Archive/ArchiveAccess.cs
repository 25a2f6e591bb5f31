using Stasis.Engine.Formats.Age;
using Stasis.Engine.Formats.Ssh;

namespace Stasis.Engine.Archive;

/// <summary>What it takes to read an archive.</summary>
internal sealed record ArchiveAccess
{
    /// <summary>Archives that are not encrypted, signed or not.</summary>
    public static ArchiveAccess Open { get; } = new();

    /// <summary>Who can decrypt it.</summary>
    public IReadOnlyList<AgeIdentity> Identities { get; init; } = [];

    /// <summary>One of whom must have signed it; null if nobody need have.</summary>
    public TrustedSigners? Signers { get; init; }

    /// <summary>How much it may ask of this host.</summary>
    public ArchiveLimits Limits { get; init; } = ArchiveLimits.Default;

    /// <summary>Where the signature is; null is the archive's path with ".sig".</summary>
    public string? Signature { get; init; }
}
