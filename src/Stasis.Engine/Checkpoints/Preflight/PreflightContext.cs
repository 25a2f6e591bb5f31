using Stasis.Engine.Containers.Files;
using Stasis.Engine.Model;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>What the checks look at.</summary>
internal sealed class PreflightContext
{
    /// <summary>The container.</summary>
    public required Container Container { get; init; }

    /// <summary>The checkpoint's options.</summary>
    public required CheckpointOptions Options { get; init; }

    /// <summary>Options that CRIU gets: flags of the runtime's verb, and lines of CRIU's configuration file.</summary>
    public required IReadOnlyList<string> CriuOptions { get; init; }

    /// <summary>
    /// Whether it is known what this CRIU can't dump: its version isn't newer than those that were read, and no configuration of the
    /// user's own gives it other options.
    /// </summary>
    public required bool KnowsCriu { get; init; }

    /// <summary>Whether CRIU gets its options from Stasis alone, and not from a file of the user's own.</summary>
    public required bool WritesCriuConfig { get; init; }

    /// <summary>Whether the runtime is runc.</summary>
    public required bool IsRunc { get; init; }

    /// <summary>CRIU's version; null if it can't be told.</summary>
    public required Version? CriuVersion { get; init; }

    /// <summary>Where CRIU writes the container's memory to.</summary>
    public required string DumpFolder { get; init; }

    /// <summary>The container's processes.</summary>
    public required ContainerProcesses Processes { get; init; }

    /// <summary>The container's first process; null if it has ended.</summary>
    public ContainerProcess? First => field ??= Processes.Dumped.FirstOrDefault(process => process.Pid == Container.State.Pid);

    /// <summary>The mounts of all mount namespaces of the processes.</summary>
    public IReadOnlyList<MountEntry> Mounts => field ??=
    [
        .. Processes.Dumped.DistinctBy(process => process.Namespace("mnt")).SelectMany(process => process.Read("mountinfo").Split('\n'))
            .Where(line => line.Length > 0).Select(MountEntry.Parse),
    ];

    /// <summary>What the host has mounted within the sources of binds.</summary>
    public IReadOnlyList<NestedMount> NestedMounts => field ??= First is null ? [] : Containers.Files.NestedMounts.Find(Container);

    /// <summary>The severity of what a known CRIU can't dump.</summary>
    public PreflightSeverity CriuLimit => KnowsCriu ? PreflightSeverity.Refused : PreflightSeverity.Note;

    /// <summary>Whether CRIU gets an option.</summary>
    public bool HasCriuOption(string name) =>
        CriuOptions.Any(option => option.TrimStart('-') is var given
            && (given == name || given.StartsWith(name + " ", StringComparison.Ordinal)));

    /// <summary>All descriptors of the processes that are dumped.</summary>
    public IReadOnlyList<(ContainerProcess Process, OpenDescriptor Descriptor)> Descriptors => field ??=
        [.. Processes.Dumped.SelectMany(process => process.Descriptors.Select(descriptor => (process, descriptor)))];
}
