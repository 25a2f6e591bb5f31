using Stasis.Engine.Formats.Compression;

namespace Stasis.Engine.Checkpoints;

/// <summary>Options of a checkpoint.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Path of the archive to write; "-" is standard output. Null for none.</summary>
    public string? Export { get; init; }
    /// <summary>
    /// Name of an image to create that holds the checkpoint, as Podman's checkpoint images do. The container also keeps its checkpoint in
    /// place. Not together with <see cref="Export"/>.
    /// </summary>
    public string? CreateImage { get; init; }
    /// <summary>
    /// Put the checkpoint into the store with everything that an archive would hold, so that copies can be restored from it. With
    /// <see cref="LeaveRunning"/> the checkpoint isn't the container's own; otherwise the container keeps it in place.
    /// </summary>
    public bool Store { get; init; }
    /// <summary>Compression of the archive.</summary>
    public CompressionFormat Compression { get; init; } = CompressionFormat.Zstd;
    /// <summary>
    /// Recipients that the archive is encrypted to, in age's format: public keys "age1…", or files with one public key a line.
    /// Empty: the archive isn't encrypted. The checkpoint itself lies unencrypted under the engine's root until the archive is
    /// complete.
    /// </summary>
    public IReadOnlyList<string> Encrypt { get; init; } = [];
    /// <summary>Let the container run on after the checkpoint.</summary>
    public bool LeaveRunning { get; init; }
    /// <summary>Keep CRIU's log and statistics.</summary>
    public bool Keep { get; init; }
    /// <summary>Allow established TCP connections, and keep them in the checkpoint.</summary>
    public bool TcpEstablished { get; init; }
    /// <summary>Leave changes to the root file system out of the archive.</summary>
    public bool IgnoreRootfs { get; init; }
    /// <summary>Leave the content of named volumes out of the archive.</summary>
    public bool IgnoreVolumes { get; init; }
    /// <summary>
    /// Write only memory, while the container runs on, for a later checkpoint to build on. Needs a kernel that tracks changes to memory.
    /// </summary>
    public bool PreCheckpoint { get; init; }
    /// <summary>Build on the container's last pre-checkpoint; the archive holds both.</summary>
    public bool WithPrevious { get; init; }
}
