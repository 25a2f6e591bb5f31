using Stasis.Engine.Archive;

namespace Stasis.Engine.Checkpoints;

/// <summary>How an archive is read, whose signature it needs, and what it may ask of this host.</summary>
public sealed record ArchiveTrustOptions
{
    /// <summary>Files of age identities, one of which decrypts the archives if they are encrypted.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>Whether the archives must be signed.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>
    /// File of the SSH public keys whose signatures count, as a .pub file or ssh-keygen's allowed signers file has them. Null takes the
    /// keys that the import policy trusts.
    /// </summary>
    public string? Signers { get; init; }

    /// <summary>Path of the archive's signature; null is the archive's path with ".sig".</summary>
    public string? Signature { get; init; }

    /// <summary>
    /// What the archive may ask for beyond a plain container: RULE:VALUE, as the findings of a refused import name it.
    /// </summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Path of the site's import policy, in place of /etc/stasis/import-policy.json.</summary>
    public string? Policy { get; init; }

    /// <summary>How much the archive may ask of this host: bytes, entries, ratio of compression.</summary>
    public ArchiveLimits Limits { get; init; } = ArchiveLimits.Default;
}
