using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Preflight;
using Stasis.Engine.Common;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Criu;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.LazyPages;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// One checkpoint of a running container. <see cref="RunAsync"/> has the steps in their order; the methods follow in the same order. What
/// <see cref="Begin"/> records is ended by <see cref="EndAsync"/>, taken back by <see cref="UndoAsync"/>, and put right by
/// <see cref="CheckpointRecovery"/> if this process dies in between.
/// </summary>
/// <param name="locked">The container.</param>
/// <param name="options">Valid options (<see cref="CheckpointRequirements.RequireValid"/>).</param>
/// <param name="recipients">Public keys the archive is encrypted to; none leaves it unencrypted.</param>
/// <param name="progress">Receives each step.</param>
internal sealed class CheckpointOperation(
    LockedContainer locked, CheckpointOptions options, IReadOnlyList<AgeRecipient> recipients, IProgress<OperationProgress>? progress)
{
    /// <summary>
    /// Step of the recorded operation in which the checkpoint enters the store. The operation's data is then its ID there.
    /// </summary>
    public const string StoringStep = "store";

    private const string DetachedName = "dump";
    private const int MaxDumps = 5; // each dump can miss timers of its own

    private readonly StasisEngine _engine = locked.Engine;
    private readonly ContainerLayout _paths = locked.Paths;
    private readonly ContainerFreezer _freezer = new(locked, blocksNetwork: options is { TcpEstablished: true, LeaveRunning: false });
    private readonly CriuDump _criu = new(locked, options);
    private string? _storedId;
    private FileLock? _adding; // until the container's row has the checkpoint
    private StagingFolder? _detached; // what is exported of a container that runs on, whose lock is released

    private Container Container => locked.Container;

    private CheckpointEntryPaths Dump => new(_paths.Dump);

    // A checkpoint in the store of a container that runs on is not the container's own.
    private bool IsKeptInPlace => _storedId is not null && !(options.Store && options.LeaveRunning);

    /// <summary>Makes the checkpoint.</summary>
    /// <param name="cancellation">Obeyed until the checkpoint is complete; the container then runs as before.</param>
    public async Task<CheckpointResult> RunAsync(CancellationToken cancellation)
    {
        CheckpointRequirements.RequirePossible(locked, options);
        IgnoredCriuConfig.Warn(locked);
        var query = $"stasis inspect --format {{{{.State.LazyPages.Outstanding}}}} {Container.Name}";
        await LazyMemorySupervisor.WaitUntilLoadedAsync(Container.Name, _paths.LazyPages, query, ReportMemory, cancellation);
        await CheckpointPreflight.RequireNoObstacleAsync(locked, options, cancellation);
        using var archive = Begin();
        await using var watchdog = ThawWatchdog.Start(_engine, locked.Id);
        try
        {
            if (options.PreCheckpoint)
                return await PreDumpAsync(archive, cancellation);
            await DumpAsync(cancellation);
            await CaptureFilesAsync(cancellation);
            if (options.LeaveRunning)
                await _freezer.ThawAsync();
            // A file that has a name while it is written has to be found by recovery, if this process dies.
            if (options.LeaveRunning && archive is { TemporaryPath: null })
                _detached = Detach();
            else
                await CompleteAsync(archive, cancellation);
        }
        catch (Exception e)
        {
            throw await UndoAsync(e);
        }
        if (_detached is not null && archive is not null)
            return await ExportAsync(_detached, archive, cancellation);
        using (_adding)
            return await EndAsync();
    }

    // Memory is written while the container runs on, for a later checkpoint to build on.
    private async Task<CheckpointResult> PreDumpAsync(ArchiveWriter? archive, CancellationToken cancellation)
    {
        Report("dumping");
        await _criu.PreDumpAsync(cancellation);
        var statistics = DumpStatistics.Read(Dump.Path);
        if (archive is not null)
        {
            await WriteArchiveAsync(Dump, archive, cancellation);
            archive.Commit();
        }
        KeepLog(Dump);
        PreCheckpoint.Keep(Dump, _paths);
        CriuDump.RemoveFolders(_paths);
        locked.End();
        return new CheckpointResult(Container, _criu.RuntimeDuration, statistics);
    }

    // The processes stay, frozen, until the checkpoint is safe.
    private async Task DumpAsync(CancellationToken cancellation)
    {
        Report("freezing");
        FaultPoint.Hit("checkpoint.begun");
        await _criu.RunAsync(FreezeAsync, cancellation);
        for (var dumps = 1; _freezer.HasMissedTimers(Dump.Images) && dumps < MaxDumps; dumps++)
            await _criu.RunAsync(() => Task.CompletedTask, cancellation);
        _freezer.CompleteImages(Dump.Images);
        FaultPoint.Hit("checkpoint.dumped");

        async Task FreezeAsync()
        {
            await _freezer.FreezeAsync(cancellation);
            Report("dumping");
        }
    }

    private async Task CaptureFilesAsync(CancellationToken cancellation)
    {
        Report("reading files");
        await Task.Run(() => FileCapture.Write(locked, options, Dump, cancellation), cancellation);
        FaultPoint.Hit("checkpoint.taken");
    }

    private async Task CompleteAsync(ArchiveWriter? archive, CancellationToken cancellation)
    {
        if (archive is not null)
            await WriteArchiveAsync(Dump, archive, cancellation);
        if (options.CreateImage is not null)
            await CreateImageAsync(options.CreateImage, cancellation);
        await CommitAsync(archive);
    }

    // Ends the operation on the container, which runs, and lets other commands have it while the archive is written from what was taken.
    // If this process dies from here on, the staging folder is all that is left, and the archive's file has no name yet.
    private StagingFolder Detach()
    {
        var staging = StagingFolder.Create(_engine.Layout);
        try
        {
            KeepLog(Dump);
            locked.Save(CreateState(Dump));
            Directory.Move(Dump.Path, staging.PathOf(DetachedName));
            CriuDump.RemoveFolders(_paths);
            locked.End();
        }
        catch
        {
            staging.Dispose();
            throw;
        }
        locked.Dispose();
        return staging;
    }

    private async Task<CheckpointResult> ExportAsync(StagingFolder staging, ArchiveWriter archive, CancellationToken cancellation)
    {
        using (staging)
        {
            var dump = new CheckpointEntryPaths(staging.PathOf(DetachedName));
            var statistics = DumpStatistics.Read(dump.Path);
            try
            {
                await WriteArchiveAsync(dump, archive, cancellation);
                await LocalArchiveRecorder.CommitAsync(_engine.LocalArchives, archive);
            }
            catch (Exception e)
            {
                throw CheckpointFailure.ExplainExport(e, locked);
            }
            FaultPoint.Hit("checkpoint.committed");
            FaultPoint.Hit("checkpoint.saved");
            return new CheckpointResult(Container, _criu.RuntimeDuration, statistics);
        }
    }

    private async Task WriteArchiveAsync(CheckpointEntryPaths dump, ArchiveWriter archive, CancellationToken cancellation)
    {
        await Task.Run(Write, cancellation);

        void Write()
        {
            ExportedSpec.WriteConfigAndSpec(Container, _criu.NestedMounts, dump);
            dump.AddTo(archive);
            archive.Write(bytes => progress?.Report(new OperationProgress("writing archive", bytes.Done, bytes.Total)), cancellation);
            LocalArchiveRecorder.Add(_engine.LocalArchives, archive);
            FaultPoint.Hit("checkpoint.written");
        }
    }

    // The checkpoint in place has no use for the volumes that the image holds: they stay where they are.
    private async Task CreateImageAsync(string name, CancellationToken cancellation)
    {
        Report("making the image");
        ExportedSpec.WriteConfigAndSpec(Container, _criu.NestedMounts, Dump);
        await CheckpointImage.CreateAsync(_engine, Container, Dump, name, cancellation);
        FaultPoint.Hit("checkpoint.written");
        FileTree.Remove(Dump.Volumes);
    }

    // Once this has returned, the checkpoint is complete on disk, and is not undone any more. It can't be cancelled.
    private async Task CommitAsync(ArchiveWriter? archive)
    {
        if (archive is not null)
        {
            await LocalArchiveRecorder.CommitAsync(_engine.LocalArchives, archive);
        }
        else
        {
            ExportedSpec.WriteConfigAndSpec(Container, _criu.NestedMounts, Dump);
            var id = RandomHex.Digits(64);
            locked.Step(StoringStep, id);
            var (image, now) = (Container.Config.RootfsImageName, DateTimeOffset.UtcNow);
            var row = new StoredCheckpoint(id, CheckpointOrigin.Container, Container.Id, Container.Name, image, now, now);
            var durable = !(options.Store && options.LeaveRunning);
            _adding = await _engine.CheckpointStore.BeginAddingAsync(CancellationToken.None);
            _storedId = await _engine.CheckpointStore.AddAsync(row, _paths.Dump, durable, CancellationToken.None);
        }
        FaultPoint.Hit("checkpoint.committed");
    }

    // The archive is opened first: a folder that is missing or read-only is known before the container is touched.
    private ArchiveWriter? Begin()
    {
        var archive = options.Export is null ? null : ArchiveWriter.Create(options.Export, options.Compression, recipients);
        try
        {
            locked.Begin(OperationKind.Checkpoint, archive?.TemporaryPath);
            return archive;
        }
        catch
        {
            archive?.Dispose();
            throw;
        }
    }

    // Records the checkpoint, and ends the processes that it replaces.
    private async Task<CheckpointResult> EndAsync()
    {
        var former = Container.State.CheckpointId;
        var folder = _storedId is null ? Dump : new CheckpointEntryPaths(_engine.Layout.Checkpoint(_storedId));
        var statistics = DumpStatistics.Read(folder.Path);
        KeepLog(folder);
        locked.Save(CreateState(folder), durable: !(options.Store && options.LeaveRunning)); // else a copy brings it to the disk
        FaultPoint.Hit("checkpoint.saved");
        if (former != Container.State.CheckpointId)
            _engine.CheckpointStore.Release(former, container: "");
        if (!options.LeaveRunning)
            await ContainerTeardown.RunAsync(locked);
        CriuDump.RemoveFolders(_paths);
        locked.End();
        if (!options.LeaveRunning && Container.AutoRemove)
            await ContainerManager.RemoveAsync(locked);
        return new CheckpointResult(Container, _criu.RuntimeDuration, statistics) { Checkpoint = _storedId };
    }

    // Lets the container run as before, and removes what was made. Returns the failure to report.
    private async Task<Exception> UndoAsync(Exception failure)
    {
        CriuDump.RemoveLeftLinks(locked);
        _adding?.Dispose();
        await _freezer.UndoAsync();
        var hasEnded = await _criu.HasEndedContainerAsync();
        FileTree.Remove(_paths.Dump); // on a full disk, this makes room for the log that is kept
        var reported = CheckpointFailure.Explain(failure, locked, hasEnded);
        CriuDump.RemoveFolders(_paths);
        locked.End();
        return reported;
    }

    private ContainerState CreateState(CheckpointEntryPaths checkpoint)
    {
        var state = Container.State with
        {
            CheckpointId = IsKeptInPlace ? _storedId : Container.State.CheckpointId,
            CheckpointPath = IsKeptInPlace ? checkpoint.Images : Container.State.CheckpointPath,
            CheckpointLog = options.Keep ? _paths.DumpLog : null,
        };
        return options.LeaveRunning ? state : state.WithoutProcesses() with
        {
            Checkpointed = true,
            CheckpointedAt = DateTimeOffset.UtcNow,
            FinishedAt = DateTimeOffset.UtcNow,
            Restored = false,
            ExitCode = 0,
        };
    }

    private void KeepLog(CheckpointEntryPaths checkpoint)
    {
        if (options.Keep && File.Exists(checkpoint.DumpLog))
            File.Copy(checkpoint.DumpLog, _paths.DumpLog, overwrite: true);
    }

    private void ReportMemory(LazyPagesProgress memory) =>
        progress?.Report(new OperationProgress("waiting for its memory", memory.Loaded, memory.Total));

    private void Report(string step) => progress?.Report(new OperationProgress(step, 0, null));
}
