using System.Diagnostics;
using System.Text.Json;
using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>The steps of one checkpoint, in the order they are declared in. Each leaves things so that <see cref="UndoAsync"/> can take them back.</summary>
internal sealed class CheckpointRun(StasisEngine engine, LockedContainer locked, CheckpointOptions options, IProgress<CheckpointProgress>? progress)
{
    /// <summary>Step of the operation in which the checkpoint goes into the store, under the ID that is the operation's data.</summary>
    public const string Storing = "store";

    // conmon reads at once; one that hasn't by then hangs, and must not keep the container frozen.
    private static readonly TimeSpan OutputLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan DeathLimit = TimeSpan.FromMilliseconds(100);

    private readonly ContainerLayout _paths = locked.Paths;
    private readonly Runtime _runtime = locked.Runtime;
    private TimeSpan _runtimeDuration;
    private string? _stored;

    private Container Container => locked.Container;

    // Until the processes are gone: with the connections on the host's network, that isn't possible.
    private bool HoldsNetwork => options is { TcpEstablished: true, LeaveRunning: false } && Container.Config.CreateNetNs;

    // The lock of CRIU is for connections, to which something could come between two looks at them; it costs seven runs of iptables at the dump, and five at each restore, since the images
    // say how they were locked. On the host's network CRIU locks single connections, of which there are none.
    private bool HasCriuLockNetwork => options.TcpEstablished || !Container.Config.CreateNetNs;

    private CheckpointFolder Dump => new(_paths.Dump);

    // CRIU finds them frozen and so needn't poll the freezer (100 ms steps with cgroup v1).
    private async Task FreezeAsync(CancellationToken cancellation)
    {
        if (!await ContainerCgroup.TryFreezeAsync(Container))
            await _runtime.PauseAsync(Container.Id, cancellation);
        FaultPoint.Hit("checkpoint.frozen");
        await LetConmonReadAsync(cancellation);
        if (HoldsNetwork)
            await NetworkLock.BlockAsync(_paths.NetNs, engine.Log, cancellation);
        progress?.Report(new CheckpointProgress("dumping", 0, null));
    }

    /// <summary>Freezes the processes and has CRIU write its images. They live on, frozen: they are needed until the checkpoint is safe.</summary>
    public async Task DumpAsync(CancellationToken cancellation)
    {
        progress?.Report(new CheckpointProgress("freezing", 0, null));
        FaultPoint.Hit("checkpoint.begun");
        PrepareFolders();
        Directory.CreateDirectory(Dump.Images, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var watch = Stopwatch.StartNew();
        if (options.WithPrevious)
            PreCheckpoint.LinkInto(Dump, _paths);
        await _runtime.CheckpointAsync(Container.Id, Request(Dump.Images) with { LeaveRunning = true, Freeze = () => FreezeAsync(cancellation), HasConfig = CriuConfig.IsUsed(Container.Spec) }, cancellation);
        _runtimeDuration = watch.Elapsed;
        TakeReports();
        if (options.WithPrevious)
            PreCheckpoint.MakeParentLink(Dump);
        if (!File.Exists(Dump.Inventory))
            throw new StasisException($"{_runtime.Path} reported success, but there is no {Dump.Inventory}");
        FaultPoint.Hit("checkpoint.dumped");
    }

    /// <summary>
    /// Has CRIU write the memory while the container runs on, and keeps it for a checkpoint to build on; into an archive goes what Podman's restore takes
    /// from one of a pre-checkpoint.
    /// </summary>
    public async Task<CheckpointResult> PreDumpAsync(ArchiveWriter? archive, CancellationToken cancellation)
    {
        progress?.Report(new CheckpointProgress("dumping", 0, null));
        PrepareFolders();
        Directory.CreateDirectory(Dump.PreImages, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var watch = Stopwatch.StartNew();
        await _runtime.CheckpointAsync(Container.Id, Request(Dump.PreImages), cancellation);
        _runtimeDuration = watch.Elapsed;
        TakeReports();
        var statistics = DumpStatistics.Read(Dump.Path);
        if (archive is not null)
        {
            await Task.Run(() => WriteArchive(archive, cancellation), cancellation);
            archive.Commit();
        }
        if (options.Keep && File.Exists(Dump.DumpLog))
            File.Copy(Dump.DumpLog, _paths.DumpLog, overwrite: true);
        FileTree.SyncTree(Dump.PreImages);
        FileTree.Remove(_paths.PreCheckpoint);
        Directory.Move(Dump.PreImages, _paths.PreCheckpoint);
        RemoveFolders(_paths);
        locked.End();
        return new CheckpointResult(Container, _runtimeDuration, statistics);
    }

    private DumpRequest Request(string images) => new(images, _paths.DumpWork) { LockNetwork = HasCriuLockNetwork, Arguments = DumpArguments.Build(options) };

    /// <summary>Copies what belongs to the same instant: changed files, /dev/shm, volumes, the log.</summary>
    public void TakeFiles(CancellationToken cancellation)
    {
        progress?.Report(new CheckpointProgress("reading files", 0, null));
        if (!options.IgnoreRootfs)
            RootfsDiff.Write(Container, engine.Layout.ChangedLayers(Container), engine.Layout.ImageLayers(Container), Dump, cancellation);
        cancellation.ThrowIfCancellationRequested();
        if (Directory.Exists(_paths.Shm))
            WriteTar(_paths.Shm, Dump.DevShm, cancellation);
        // In place, volumes stay where they are.
        if (options.IgnoreVolumes is false && (options.Store || (options.Export ?? options.CreateImage) is not null))
            foreach (var volume in Container.Config.NamedVolumes ?? [])
            {
                cancellation.ThrowIfCancellationRequested();
                Directory.CreateDirectory(Path.GetDirectoryName(Dump.Volume(volume.Name))!);
                WriteTar(engine.Layout.Volume(volume.Name), Dump.Volume(volume.Name), cancellation);
            }
        if (File.Exists(_paths.Log))
            File.Copy(_paths.Log, Dump.Log);
        var networks = Container.State.Networks ?? new Dictionary<string, NetworkStatus>();
        AtomicFile.Write(Dump.NetworkStatus, JsonSerializer.SerializeToUtf8Bytes(networks, EngineJson.Default.IReadOnlyDictionaryStringNetworkStatus), durable: false);
        FaultPoint.Hit("checkpoint.taken");
    }

    /// <summary>Lets the processes run again.</summary>
    public Task ThawAsync() => ContainerCgroup.TryThaw(Container) ? Task.CompletedTask : _runtime.ResumeAsync(Container.Id, CancellationToken.None);

    /// <summary>Writes the archive.</summary>
    public void WriteArchive(ArchiveWriter archive, CancellationToken cancellation)
    {
        WriteDumps();
        Dump.AddTo(archive);
        archive.Write(bytes => progress?.Report(new CheckpointProgress("writing archive", bytes.Done, bytes.Total)), cancellation);
        OwnArchiveRecorder.Add(engine.OwnArchives, archive);
        FaultPoint.Hit("checkpoint.written");
    }

    /// <summary>Makes an image that holds what an archive would. What the checkpoint in place doesn't need of it goes again.</summary>
    public async Task CreateImageAsync(string name, CancellationToken cancellation)
    {
        progress?.Report(new CheckpointProgress("making the image", 0, null));
        WriteDumps();
        await CheckpointImage.CreateAsync(engine, Container, Dump, name, cancellation);
        FaultPoint.Hit("checkpoint.written");
        FileTree.Remove(Path.Combine(Dump.Path, ArchiveEntryNames.Volumes));
    }

    /// <summary>The moment of truth: after it the checkpoint is whole on disk, whatever happens.</summary>
    public async Task MakeDurableAsync(ArchiveWriter? archive)
    {
        if (archive is not null)
        {
            OwnArchiveRecorder.Commit(engine.OwnArchives, archive);
        }
        else
        {
            WriteDumps();
            var id = RandomHex.Digits(64);
            locked.Step(Storing, id);
            _stored = await engine.CheckpointStore.AddAsync(
                new StoredCheckpoint(id, CheckpointOrigin.Container, Container.Id, Container.Name, Container.Config.RootfsImageName, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow),
                _paths.Dump, durable: !(options.Store && options.LeaveRunning), CancellationToken.None);
        }
        FaultPoint.Hit("checkpoint.committed");
    }

    /// <summary>Records the checkpoint, and ends the processes that it replaces.</summary>
    public async Task<CheckpointResult> FinishAsync()
    {
        var former = Container.State.CheckpointId;
        var isKept = _stored is not null && !(options.Store && options.LeaveRunning);
        var folder = _stored is null ? Dump : new CheckpointFolder(engine.Layout.Checkpoint(_stored));
        var statistics = DumpStatistics.Read(folder.Path);
        if (options.Keep && File.Exists(folder.DumpLog))
            File.Copy(folder.DumpLog, _paths.DumpLog, overwrite: true);
        var state = Container.State with
        {
            CheckpointId = isKept ? _stored : former,
            CheckpointPath = isKept ? folder.Images : Container.State.CheckpointPath,
            CheckpointLog = options.Keep ? _paths.DumpLog : null,
        };
        if (!options.LeaveRunning)
            state = state with
            {
                Status = ContainerStatus.Exited,
                Checkpointed = true,
                CheckpointedAt = DateTimeOffset.UtcNow,
                FinishedAt = DateTimeOffset.UtcNow,
                Restored = false,
                ExitCode = 0,
                Pid = 0,
                PidStartTime = 0,
                ConmonPid = 0,
                ConmonStartTime = 0,
                Networks = null,
            };
        locked.Save(state, durable: true);
        FaultPoint.Hit("checkpoint.saved");
        if (former != Container.State.CheckpointId)
            engine.CheckpointStore.Release(former, container: "");
        if (!options.LeaveRunning)
            await ContainerTeardown.RunAsync(locked);
        RemoveFolders(_paths);
        locked.End();
        if (!options.LeaveRunning && Container.AutoRemove)
            await ContainerManager.RemoveAsync(locked);
        return new CheckpointResult(Container, _runtimeDuration, statistics) { Checkpoint = _stored };
    }

    /// <summary>Lets the container run as before and removes what was made. Gives what the failure is to say.</summary>
    public async Task<Exception> UndoAsync(Exception failure)
    {
        if (HoldsNetwork)
            await NetworkLock.ReleaseAsync(_paths.NetNs, engine.Log);
        if (await _runtime.StateAsync(Container.Id, CancellationToken.None) is { Status: "paused" })
            await ThawAsync();
        var died = await DiedOfTheDumpAsync();
        FileTree.Remove(_paths.Dump); // which makes room for the log, should the disk be full
        var explained = died ? ExplainEnd(failure) : Explain(failure);
        RemoveFolders(_paths);
        locked.End();
        return explained;
    }

    // CRIU has processes run system calls for it, each for some microseconds. Killed within them it can't give them back their registers, and they die of that as
    // soon as they run.
    private async Task<bool> DiedOfTheDumpAsync()
    {
        if (!Directory.Exists(Dump.Images) || File.Exists(Dump.Inventory))
            return false;
        var watch = Stopwatch.StartNew();
        while (PidFd.StartTime(Container.State.Pid) == Container.State.PidStartTime)
        {
            if (watch.Elapsed > DeathLimit)
                return false;
            await Task.Delay(5);
        }
        return true;
    }

    private string What => $"checkpointing container {Container.Name}";

    private ContainerGoneException ExplainEnd(Exception failure) =>
        new($"{What}: {Why(failure)}; the container's first process ended with it", failure) { Remedy = "start it anew, or restore an earlier checkpoint" };

    private string Why(Exception failure)
    {
        var message = FileFailure.Why(failure);
        return File.Exists(WorkLog)
            ? message.Replace(WorkLog, CriuLog.Keep(WorkLog, _paths.DumpLog), StringComparison.Ordinal)
            : message;
    }

    private Exception Explain(Exception failure)
    {
        if (failure is OperationCanceledException)
            return new InterruptedException($"{What} was interrupted; the container runs as before", failure) { Survived = Survived.ContainerRunning };
        return new CheckpointFailedException($"{What}: {Why(failure)}", failure)
        {
            Remedy = FileFailure.Remedy(failure, engine.Layout.Root) is { } remedy ? Remedy.Create($"The container runs as before; {remedy}") : "The container runs as before.",
        };
    }

    /// <summary>Removes what a checkpoint works with.</summary>
    public static void RemoveFolders(ContainerLayout paths)
    {
        FileTree.Remove(paths.Dump);
        FileTree.Remove(paths.DumpWork);
    }

    private void PrepareFolders()
    {
        RemoveFolders(_paths);
        foreach (var folder in (string[])[Dump.Path, _paths.DumpWork])
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    // CRIU doesn't write them to where the checkpoint is made: on a full disk its log would hold nothing of that.
    private void TakeReports()
    {
        foreach (var file in (string[])[ArchiveEntryNames.StatsDump, ArchiveEntryNames.DumpLog])
            if (Path.Combine(_paths.DumpWork, file) is var report && File.Exists(report))
                File.Move(report, Path.Combine(Dump.Path, file));
    }

    private string WorkLog => Path.Combine(_paths.DumpWork, ArchiveEntryNames.DumpLog);

    // What lies in the output pipes CRIU would dump, and conmon write into the log meanwhile: a restored container would say it twice.
    private async Task LetConmonReadAsync(CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        while (ProcessPipes.Unread(Container.State.ConmonPid) > 0 && watch.Elapsed < OutputLimit)
            await Task.Delay(1, cancellation);
    }

    private void WriteDumps()
    {
        AtomicFile.Write(Dump.ConfigDump, ConfigDump(), durable: false);
        AtomicFile.Write(Dump.SpecDump, SpecDump(), durable: false);
    }

    private byte[] ConfigDump() => JsonSerializer.SerializeToUtf8Bytes(Container.Config, EngineJson.Default.ContainerConfig);

    private byte[] SpecDump() => JsonSerializer.SerializeToUtf8Bytes(ExportedSpec.Create(Container), EngineJson.Default.OciSpec);

    private static void WriteTar(string directory, string file, CancellationToken cancellation)
    {
        using var stream = File.Create(file);
        var tar = new TarWriter(stream);
        TarPacker.Write(tar, directory, new TarPackerOptions { IncludeRoot = true, Sparse = true }, cancellation);
        tar.Finish();
    }
}
