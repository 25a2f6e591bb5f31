using System.Diagnostics;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Dump.Names;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Has the runtime run CRIU on a container, and collects the images, the log and the statistics in the container's dump folder.
/// </summary>
internal sealed class CriuDump(LockedContainer locked, CheckpointOptions options)
{
    private static readonly TimeSpan DeathLimit = TimeSpan.FromMilliseconds(100);

    private readonly ContainerLayout _paths = locked.Paths;

    /// <summary>How long the runtime took.</summary>
    public TimeSpan RuntimeDuration { get; private set; }

    /// <summary>Mounts of the host's that binds of the container's bring along: they are external to the dump.</summary>
    public IReadOnlyList<OciMount> NestedMounts { get; private set; } = [];

    private CheckpointEntryPaths Dump => new(_paths.Dump);

    /// <summary>Dumps the processes. They stay, frozen.</summary>
    /// <param name="freeze">Freezes the processes; called as late as the runtime allows.</param>
    /// <param name="cancellation">A cancelled call kills the runtime and CRIU, and leaves folders for <see cref="RemoveFolders"/>.</param>
    /// <exception cref="StasisException">CRIU failed, or left no complete images.</exception>
    public async Task RunAsync(Func<Task> freeze, CancellationToken cancellation)
    {
        CreateFolders(Dump.Images);
        if (options.WithPrevious)
            PreCheckpoint.LinkInto(Dump, _paths);
        await CheckpointAsync(Dump.Images, freeze, cancellation);
        if (options.WithPrevious)
            PreCheckpoint.MakeParentLink(Dump);
        if (!File.Exists(Dump.Inventory))
            throw new StasisException($"{locked.Runtime.Path} reported success, but there is no {Dump.Inventory}");
        CriuDumpCorrections.Apply(Dump.Images, EtcFiles.Paths);
        MountsImage.MakePrivate(Dump.Images, locked.Container.Spec);
        await Task.Run(() => CurrentNameRewriter.Record(locked, Dump.Images, cancellation), cancellation);
    }

    /// <summary>Writes the memory into <see cref="CheckpointEntryPaths.PreImages"/> while the container runs on.</summary>
    /// <param name="cancellation">As for <see cref="RunAsync"/>.</param>
    public async Task PreDumpAsync(CancellationToken cancellation)
    {
        CreateFolders(Dump.PreImages);
        await CheckpointAsync(Dump.PreImages, freeze: null, cancellation);
    }

    /// <summary>
    /// Whether the container ended because of an incomplete dump. CRIU has the processes run system calls for it, each for some
    /// microseconds. A CRIU that is killed within them can't give the processes their registers back, and they die as soon as
    /// they run.
    /// </summary>
    public async Task<bool> HasEndedContainerAsync()
    {
        if (!Directory.Exists(Dump.Images) || File.Exists(Dump.Inventory))
            return false;
        var watch = Stopwatch.StartNew();
        while (PidFd.StartTime(locked.State.Pid) == locked.State.PidStartTime)
        {
            if (watch.Elapsed > DeathLimit)
                return false;
            await Task.Delay(5);
        }
        return true;
    }

    /// <summary>Removes what a CRIU that was killed has left in the files of a running container.</summary>
    public static void RemoveLeftLinks(LockedContainer locked)
    {
        string[] logs = [locked.Paths.DumpWorkLog, new CheckpointEntryPaths(locked.Paths.Dump).DumpLog];
        try
        {
            if (logs.FirstOrDefault(File.Exists) is { } log && !CriuLog.HasEnded(log))
                LeftLinks.Remove(locked);
        }
        catch (IOException e)
        {
            locked.Engine.Warn($"container {locked.Container.Name}: files named link_remap.N, which CRIU made, may be left: {e.Message}");
        }
    }

    /// <summary>Removes the folders that a dump uses.</summary>
    public static void RemoveFolders(ContainerLayout paths)
    {
        FileTree.Remove(paths.Dump);
        FileTree.Remove(paths.DumpWork);
    }

    private async Task CheckpointAsync(string images, Func<Task>? freeze, CancellationToken cancellation)
    {
        NestedMounts = [.. Containers.Files.NestedMounts.Find(locked.Container).Select(found => found.Mount)];
        var request = new DumpRequest(images, _paths.DumpWork)
        {
            Flags = CriuDumpOptions.GetFlags(options),
            CriuConfig =
            [
                .. await CriuDumpOptions.GetConfigAsync(options, locked, cancellation),
                .. CriuDumpOptions.GetWatchedPaths(locked),
                .. CriuDumpOptions.GetHostMounts(NestedMounts),
            ],
            ReadsCriuConfig = CriuConfig.IsUsed(locked.Container.Spec),
            Freeze = freeze,
        };
        var watch = Stopwatch.StartNew();
        await locked.Runtime.CheckpointAsync(locked.Id, request, cancellation);
        RuntimeDuration = watch.Elapsed;
        MoveReports();
    }

    private void CreateFolders(string images)
    {
        RemoveFolders(_paths);
        foreach (var folder in (string[])[Dump.Path, _paths.DumpWork, images])
            PrivateDirectory.Create(folder);
    }

    // CRIU's log and statistics are not written to where the dump is: on a full disk, the log would not hold the reason.
    private void MoveReports()
    {
        if (File.Exists(_paths.DumpWorkStatistics))
            File.Move(_paths.DumpWorkStatistics, Dump.DumpStatistics);
        if (File.Exists(_paths.DumpWorkLog))
            File.Move(_paths.DumpWorkLog, Dump.DumpLog);
    }
}
