using System.Globalization;

namespace Stasis.Engine.Checkpoints;

/// <summary>How a container is restored; where from, a <see cref="CheckpointSource"/> says.</summary>
public sealed record RestoreOptions
{
    /// <summary>Its networks, addresses, ports and TCP connections.</summary>
    public RestoreNetworkOptions Network { get; init; } = new();

    /// <summary>Its name and what else tells it from other copies.</summary>
    public RestoreIdentityOptions Identity { get; init; } = new();

    /// <summary>When its memory is there.</summary>
    public RestoreMemoryOptions Memory { get; init; } = new();

    /// <summary>How an archive is read, and what it may ask for.</summary>
    public ArchiveTrustOptions Trust { get; init; } = new();

    /// <summary>Whether checkpoint, logs and statistics are kept.</summary>
    public bool Keep { get; init; }

    /// <summary>Whether file locks are restored; a checkpoint that has some can't be restored without.</summary>
    public bool FileLocks { get; init; }

    /// <summary>Whether changes to the root file system are left out.</summary>
    public bool IgnoreRootfs { get; init; }

    /// <summary>
    /// Whether the archive's contents of volumes are left out: a volume that exists is used as it is, any other is made empty.
    /// </summary>
    public bool IgnoreVolumes { get; init; }

    /// <summary>
    /// Whether to restore on a processor without the AVX or AVX-512 of the one that the checkpoint was made on. A program that chose its
    /// code by those is killed by SIGILL when it gets there.
    /// </summary>
    public bool IgnoreProcessor { get; init; }

    /// <summary>Names under which the archive's volumes are made, by their old names; volumes that aren't listed keep theirs.</summary>
    public IReadOnlyDictionary<string, string> Volumes { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The OCI runtime, by name or path. It must be the one that made the checkpoint; null takes that one.
    /// </summary>
    public string? Runtime { get; init; }

    /// <summary>Signal that the container's first process gets as soon as it runs.</summary>
    public int? Signal { get; init; }

    /// <summary>
    /// Command that the container's sh runs as soon as the container does. If its exit code isn't 0, the restore has failed.
    /// </summary>
    public string? Exec { get; init; }

    /// <summary>
    /// With the placeholders of <see cref="RestoreIdentityOptions.Hostname"/> and of volumes filled in, if there is a new name.
    /// </summary>
    internal RestoreOptions ExpandPlaceholders()
    {
        if (Identity.Name is not { } name)
            return this;
        return this with
        {
            Identity = Identity with { Hostname = Identity.Hostname is null ? null : Fill(Identity.Hostname) },
            Volumes = Volumes.ToDictionary(pair => pair.Key, pair => Fill(pair.Value)),
        };

        string Fill(string text) => text
            .Replace("{n}", (Identity.CopyNumber ?? 1).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{name}", name, StringComparison.Ordinal);
    }
}
