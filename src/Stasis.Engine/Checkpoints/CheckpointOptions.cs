using System.Globalization;
using Stasis.Engine.Formats.Compression;

namespace Stasis.Engine.Checkpoints;

/// <summary>What <c>container checkpoint</c> asks for.</summary>
public sealed record CheckpointOptions
{
    /// <summary>The archive to write; "-" is standard output. Null checkpoints in place.</summary>
    public string? Export { get; init; }
    /// <summary>
    /// Name of an image to make that holds the checkpoint, as Podman's checkpoint images do; the container keeps its checkpoint in place as well. Not together with
    /// <see cref="Export"/>.
    /// </summary>
    public string? CreateImage { get; init; }
    /// <summary>
    /// The checkpoint goes into the store with all that an archive would hold, for copies to be made of it. With <see cref="LeaveRunning"/> it is nothing to the container, else that
    /// keeps it in place.
    /// </summary>
    public bool Store { get; init; }
    /// <summary>How the archive is compressed.</summary>
    public CompressionFormat Compression { get; init; } = CompressionFormat.Zstd;
    /// <summary>
    /// Whom the archive is encrypted to, in age's format: public keys "age1…", or files with one a line. With none it is not. The checkpoint itself lies in the clear, under the
    /// engine's root, until the archive is whole.
    /// </summary>
    public IReadOnlyList<string> Encrypt { get; init; } = [];
    /// <summary>The container goes on running.</summary>
    public bool LeaveRunning { get; init; }
    /// <summary>Logs and statistics stay.</summary>
    public bool Keep { get; init; }
    /// <summary>Established TCP connections are allowed and kept.</summary>
    public bool TcpEstablished { get; init; }
    /// <summary>File locks are allowed and kept.</summary>
    public bool FileLocks { get; init; }
    /// <summary>Changes to the root file system stay out of the archive.</summary>
    public bool IgnoreRootfs { get; init; }
    /// <summary>Contents of named volumes stay out of the archive.</summary>
    public bool IgnoreVolumes { get; init; }
    /// <summary>Memory alone is written, while the container runs on, for a checkpoint later to build on. Needs a kernel that tracks memory.</summary>
    public bool PreCheckpoint { get; init; }
    /// <summary>The checkpoint builds on the pre-checkpoint that was made before; the archive holds both.</summary>
    public bool WithPrevious { get; init; }
}
