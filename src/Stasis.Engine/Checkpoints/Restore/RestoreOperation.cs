using System.Diagnostics;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Preflight;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Common;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.LazyPages;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Engine.Vetting.Policy;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// One restore, from its source to a container that runs. <see cref="RunAsync"/> and the methods that follow are its steps, in their
/// order: validate the input; find the source; read the dumps; vet them; plan; reserve; mount and fill; vet the paths; tell CRIU; launch;
/// compare the identity; record.
/// </summary>
internal sealed class RestoreOperation
{
    private readonly StasisEngine _engine;
    private readonly CheckpointSource _source;
    private readonly RestoreOptions _options;
    private readonly ImportPermissions _policy;
    private readonly ArchiveReadSettings _access;
    private readonly IProgress<OperationProgress>? _progress;
    private TimeSpan _vettingDuration;
    private bool _isUntrusted;
    private ImagePathList? _untrustedPaths; // of a checkpoint that isn't this host's own, from Vet until they can be resolved

    private RestoreOperation(
        StasisEngine engine,
        CheckpointSource source,
        RestoreOptions options,
        ImportPermissions policy,
        ArchiveReadSettings access,
        IProgress<OperationProgress>? progress) =>
        (_engine, _source, _options, _policy, _access, _progress) = (engine, source, options, policy, access, progress);

    private string Title => _source.DisplayName;

    /// <summary>Validates the input, with all files that it names, before any lock is waited for or an archive is read.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="source">Where the container comes from.</param>
    /// <param name="options">How it is restored.</param>
    /// <param name="progress">Told how far the restore has come.</param>
    /// <exception cref="StasisException">A value can't be used, or a file of keys or the import policy can't be read.</exception>
    public static RestoreOperation Create(
        StasisEngine engine, CheckpointSource source, RestoreOptions options, IProgress<OperationProgress>? progress)
    {
        options = options.ExpandPlaceholders();
        var policy = ImportPermissions.Load(options.Trust.Allow, options.Trust.Policy);
        RestoredHostname.Validate(options.Identity.Hostname);
        RestoredNetworkSettings.Validate(options.Network);
        LazyRestore.RequireSupport(options.Memory);
        if (source is not CheckpointSource.InPlace)
            return new RestoreOperation(engine, source, options, policy, ArchiveKeyLoader.Read(source, options.Trust, policy), progress);
        if (options.Identity.Name is not null)
        {
            throw new StasisException("a container that is restored in place keeps its name")
            {
                Remedy = "restore it from an archive, an image or the store to give it another name",
            };
        }
        return new RestoreOperation(engine, source, options, policy, ArchiveReadSettings.Open, progress);
    }

    /// <summary>Restores the container.</summary>
    /// <param name="cancellation">If cancelled, everything made so far is undone.</param>
    public async Task<RestoreResult> RunAsync(CancellationToken cancellation)
    {
        await _engine.Command.RequireInstalledAsync(cancellation);
        var result = _source is CheckpointSource.InPlace(var nameOrId)
            ? await RestoreInPlaceAsync(nameOrId, cancellation)
            : await RestoreNewContainerAsync(cancellation);
        await RunPostRestoreActionsAsync(result.Container, cancellation);
        if (_source is CheckpointSource.Archive or CheckpointSource.RegistryImage)
            _engine.Checkpoints.PruneToLimits();
        return result;
    }

    private async Task<RestoreResult> RestoreNewContainerAsync(CancellationToken cancellation)
    {
        if (_options.Identity.Name is { } name)
            _engine.ContainerStore.RefuseTaken(null, name); // known before anything is read
        CgroupMoveWarmup.Begin(); // done by the time a small archive is read
        using var opened = await OpenSourceAsync(cancellation);
        try
        {
            FaultPoint.Hit("restore.unpacked");
            var dump = await Task.Run(() => ReadAndVet(opened, cancellation), cancellation);
            var stored = await opened.CommitAsync(dump.Config, durable: false, cancellation);
            var plan = await RestorePlan.CreateForNewContainerAsync(_engine, _source, _options, stored, dump, _progress, cancellation);
            using var transaction = await RestoreTransaction.BeginNewContainerAsync(_engine, plan.Container, cancellation);
            var result = await BringUpAsync(transaction, plan, cancellation);
            return result with { VettingDuration = opened.ValidationDuration + _vettingDuration };
        }
        catch (Exception e)
        {
            opened.Abandon();
            // Errors of networks, names and volumes don't know whose they are.
            if (_source is CheckpointSource.Archive && e is StasisException { Subject: null } failure
                && !e.Message.Contains(Title, StringComparison.Ordinal))
                failure.Subject = $"archive {Title}";
            throw;
        }
    }

    private async Task<RestoreResult> RestoreInPlaceAsync(string nameOrId, CancellationToken cancellation)
    {
        using var locked = await _engine.Containers.LockAsync(nameOrId, TransitionVerb.Restore, cancellation);
        // Nothing is vetted: container and checkpoint are this host's own.
        var plan = RestorePlan.CreateInPlace(_engine, locked.Container, FindInPlace(locked.Container), _options);
        using var transaction = await RestoreTransaction.BeginInPlaceAsync(locked);
        return await BringUpAsync(transaction, plan, cancellation);
    }

    /// <summary>Finds the source's checkpoint in the store, or reads it into a staging folder.</summary>
    public Task<OpenedCheckpoint> OpenSourceAsync(CancellationToken cancellation)
    {
        var purpose = _source.PreCheckpointArchive is not null ? OpenPurpose.Exclusive : _options.Memory.Lazy switch
        {
            true => OpenPurpose.Lazy,
            false => OpenPurpose.Complete,
            null => OpenPurpose.LazyIfLarge,
        };
        return new CheckpointOpener(_engine, _source, _access, purpose, _progress).OpenAsync(cancellation);
    }

    /// <summary>Parses the dumps, and passes them through the security gate.</summary>
    /// <exception cref="ArchiveException">The checkpoint isn't a container's, isn't complete, or isn't signed as required.</exception>
    /// <exception cref="ImportRefusedException">It asks for more than is allowed.</exception>
    public DumpedContainer ReadAndVet(OpenedCheckpoint opened, CancellationToken cancellation)
    {
        var dump = ReadDumps(opened);
        var isLocalPreCheckpoint = CompleteWithPreCheckpoint(opened, cancellation);
        _isUntrusted = !opened.IsLocal || !isLocalPreCheckpoint;
        Vet(opened, dump);
        if (_isUntrusted)
            CriuDumpCorrections.Apply(opened.Folder.Images, EtcFiles.Paths); // a dump of this host's has done that
        return dump with { IsLocal = !_isUntrusted };
    }

    private DumpedContainer ReadDumps(OpenedCheckpoint opened)
    {
        var dump = DumpedContainer.Read(opened.Folder, Title);
        RestoredContainerConfig.Validate(dump.Config, dump.Spec, Title);
        ObjectName.Require("container", _options.Identity.Name ?? dump.Config.Name);
        return dump;
    }

    // Completes the checkpoint by the pre-checkpoint that it builds on, if that is in an archive of its own. Returns whether that was
    // written here.
    private bool CompleteWithPreCheckpoint(OpenedCheckpoint opened, CancellationToken cancellation)
    {
        var isOwn = true;
        if (_source.PreCheckpointArchive is { } archive)
        {
            var digest = PreCheckpoint.Import(_engine, archive, _access with { Signature = null }, opened.Folder, cancellation);
            isOwn = _engine.LocalArchives.Contains(digest);
        }
        PreCheckpoint.RequireComplete(opened.Folder, Title);
        return isOwn;
    }

    // The security gate. Beyond it, what the checkpoint says is acted on.
    private void Vet(OpenedCheckpoint opened, DumpedContainer dump)
    {
        if (_source is not CheckpointSource.Archive && _access.Signers is { } signers)
            opened.RequireSignature(signers); // an archive's signature was verified as it was read
        var begun = Stopwatch.GetTimestamp();
        if (_isUntrusted)
        {
            var network = _options.Network;
            var replaced = new ReplacedValues(network.Networks.Count > 0, _options.Runtime)
            {
                Name = _options.Identity.Name is not null || _options.Identity.CopyNumber is not null,
                Ports = network.IgnorePorts || network.Publish.Count > 0 || network.Networks is ["none"],
            };
            _untrustedPaths = CheckpointVetting.Require(_engine, replaced, _policy, opened.Folder, dump.Config, dump.Spec, Title);
        }
        _vettingDuration = Stopwatch.GetElapsedTime(begun);
    }

    private string FindInPlace(Container container)
    {
        var checkpoint = new CheckpointEntryPaths(container.State.CheckpointId is { } id ? _engine.Layout.Checkpoint(id) : "");
        if (File.Exists(checkpoint.Inventory))
            return container.State.CheckpointId!;
        var where = checkpoint.Path.Length > 0 ? $": there is no {checkpoint.Inventory}" : "";
        throw new RestoreFailedException($"a complete checkpoint for container {container.Name} cannot be found{where}")
        {
            Remedy = container.State.Checkpointed
                ? $"it is checkpointed into an archive; bring it back: stasis rm {container.Name}, then stasis restore --import FILE"
                : "checkpoint it without --export first, or restore an archive with --import FILE",
        };
    }

    // From here on both kinds of restore take the same steps. What fails before the container runs is undone.
    private async Task<RestoreResult> BringUpAsync(RestoreTransaction transaction, RestorePlan plan, CancellationToken cancellation)
    {
        var locked = transaction.Container;
        bool isLazy;
        TimeSpan runtimeDuration;
        var syncing = Task.CompletedTask;
        try
        {
            PrivateDirectory.Create(locked.Paths.RunDirectory); // without it, nothing is torn down
            RestoreJail.PrepareCgroups(locked.Container, _isUntrusted, Title);
            await MountAsync(locked, plan, cancellation);
            VetPaths(locked, cancellation);
            syncing = Task.Run(() => Sync(locked, plan), CancellationToken.None);
            isLazy = LazyRestore.IsWanted(_options.Memory, plan.Checkpoint) && IsLazyPossible(locked.Container, plan.Checkpoint);
            runtimeDuration = await LaunchAsync(locked, plan, isLazy, cancellation);
            RequireRequestedIdentity(locked, plan);
            await syncing;
        }
        catch (Exception e)
        {
            await Task.WhenAny(syncing); // it reads what is removed now
            throw await UndoAsync(transaction, RestoreFailure.Explain(e, locked, Title));
        }
        return Record(transaction, plan, isLazy, runtimeDuration);
    }

    // Mounts the root file system, /dev/shm and the network namespace, attaches the namespace to networks, and restores the
    // checkpoint's files.
    private async Task MountAsync(LockedContainer locked, RestorePlan plan, CancellationToken cancellation)
    {
        var (container, checkpoint, paths) = (plan.Container, plan.Checkpoint, locked.Paths);
        if (plan.Volumes is { } made)
        {
            FaultPoint.Hit("restore.inserted");
            made.Create(locked, checkpoint, cancellation);
            ContainerMounts.MakeFolders(_engine.Layout, container);
            if (File.Exists(checkpoint.Log))
                File.Copy(checkpoint.Log, paths.Log);
        }
        else
        {
            locked.Save(container);
        }
        Report("mounting");
        // With connections to restore, nothing passes on the network before their sockets are there.
        var hold = _options.Network.TcpConnections == TcpConnectionHandling.Keep;
        await ContainerMounts.MountAsync(locked, plan.Networks, hold, cancellation);
        NetworkSysctls.Apply(container, paths);
        if (File.Exists(checkpoint.EtcChanges))
            ApplyEtcChanges(checkpoint, paths);
        FaultPoint.Hit("restore.mounted");
        plan.Volumes?.Seed(paths);
        if (plan.Volumes is not null && container.HasCheckpointLayer)
            CheckpointLayer.CopyUpUnshareable(_engine.Layout.CheckpointLayerOwn(plan.CheckpointId, container.Layers[^1]), paths.Merged);
        IdentityFile.WriteInto(locked.Container, paths);
        if (File.Exists(checkpoint.DevShm))
            CheckpointEntryPaths.ExtractTar(checkpoint.DevShm, paths.Shm, cancellation);
        if (plan.Volumes is not null)
            FaultPoint.Hit("restore.filled");
    }

    private void ApplyEtcChanges(CheckpointEntryPaths checkpoint, ContainerLayout paths)
    {
        var json = EngineJson.Default.DictionaryStringString;
        var changes = ArchiveUnpacker.ReadJson(Title, checkpoint.Path, ArchiveEntryNames.EtcChanges, json);
        EtcChanges.Apply(changes, paths, hasNewHostname: _options.Identity.Hostname is not null);
    }

    // What has to be on disk before the row that tells of it. The processes are restored meanwhile. Not so the images: a restored container
    // doesn't need them any more. Its layer is on disk already.
    private static void Sync(LockedContainer locked, RestorePlan plan)
    {
        if (plan.Volumes is not { } volumes)
            return;
        if (File.Exists(locked.Paths.Log))
            FileSync.SyncFile(locked.Paths.Log);
        volumes.Sync();
    }

    // Returns the failure to report.
    private static async Task<Exception> UndoAsync(RestoreTransaction transaction, Exception failure)
    {
        try
        {
            await transaction.UndoAsync(failure.Message);
            return failure;
        }
        catch (Exception e) when (e is StasisException or IOException)
        {
            // The operation stays recorded.
            return RestoreFailure.WithUndo(failure, e);
        }
    }

    // The second half of the security gate. A path in CRIU's images can be resolved only in the mounted root file system.
    private void VetPaths(LockedContainer locked, CancellationToken cancellation)
    {
        if (_untrustedPaths is not { } paths)
            return;
        var begun = Stopwatch.GetTimestamp();
        CheckpointVetting.RequirePaths(_policy, paths, locked.Paths.Merged, locked.Container.Spec, Title, cancellation);
        _untrustedPaths = null;
        _vettingDuration += Stopwatch.GetElapsedTime(begun);
    }

    private bool IsLazyPossible(Container container, CheckpointEntryPaths checkpoint)
    {
        // Memory that is loaded while the container is verified can exceed its limit. The kernel then kills CRIU, and the processes run on.
        var why = _isUntrusted && container.Spec.Linux?.Resources?.Memory?.Limit is > 0
            ? "it has a memory limit and isn't this host's own"
            : OvercommitCheck.AllowsLazyRestore(checkpoint) ? null
            : "it reserves more address space than the kernel lets CRIU map on demand";
        if (why is not null && _options.Memory.Lazy == true)
            _engine.Warn($"container {container.Name}: its memory is loaded before it runs, as {why}");
        return why is null;
    }

    // Has the runtime restore the processes; returns how long that took.
    private async Task<TimeSpan> LaunchAsync(LockedContainer locked, RestorePlan plan, bool isLazy, CancellationToken cancellation)
    {
        var (checkpoint, paths) = (plan.Checkpoint, locked.Paths);
        Report("restoring processes");
        // The store's images are read-only, and read by all copies at once; CRIU's logs and statistics go into each container's own bundle.
        var addresses = MovedAddresses.Compare(checkpoint, Title, locked.State.Networks);
        var images = CriuImageLinks.MakeIfNeeded(checkpoint, paths, _options.Identity.Hostname, addresses);
        FaultPoint.Hit("restore.launching");
        if (!isLazy)
            await _engine.CheckpointStore.RequireCompleteAsync(plan.CheckpointId, cancellation);
        IgnoredCriuConfig.Warn(locked);
        var criu = CriuRestoreOptions.Create(locked, checkpoint, _options, isLazy);
        criu.Write(paths);
        // "runc restore", or crun's. It isn't this process that runs it, but conmon, which has to be the parent of the container's
        // processes: it holds their output, and records how they end.
        var request = new RestoreRequest(images, criu.RuntimeArguments, criu.Configuration, _isUntrusted ? _policy.Values : null);
        var watch = Stopwatch.StartNew();
        if (isLazy)
        {
            using var pages = await LazyRestore.RequestAsync(
                _engine, LazyMemoryFiles.Of(paths), checkpoint, plan.CheckpointId, cancellation);
            await pages.GuardAsync(stop => RestoreLauncher.RunAsync(locked, request, stop), cancellation);
        }
        else
        {
            await RestoreLauncher.RunAsync(locked, request, cancellation);
        }
        if (_options.Network.TcpConnections == TcpConnectionHandling.Keep && locked.Container.Config.CreateNetNs)
            await NetworkPacketBlock.ReleaseAsync(paths.NetNs, _engine.Log);
        return watch.Elapsed;
    }

    private static void RequireRequestedIdentity(LockedContainer locked, RestorePlan plan)
    {
        FaultPoint.Hit("restore.launched");
        var (made, asked) = (locked.Container, plan.Container);
        if (ConmonAccess.ReadExitCommand(made.State.ConmonPid) is [.., var last] && last != made.Id)
            throw new StasisException($"the exit command of the restored container names {last} in place of {made.Id}");
        if (made.Name != asked.Name)
            throw new StasisException($"name of restored container ({made.Name}) does not match requested name ({asked.Name})");
        if (made.Id != asked.Id)
            throw new StasisException($"ID of restored container ({made.Id}) does not match requested ID ({asked.Id})");
    }

    // The launcher has recorded that the container runs. This marks it as restored, ends the operation, so that it is listed, and removes
    // what isn't needed any more.
    private RestoreResult Record(RestoreTransaction transaction, RestorePlan plan, bool isLazy, TimeSpan runtimeDuration)
    {
        var (locked, checkpoint, paths) = (transaction.Container, plan.Checkpoint, transaction.Container.Paths);
        var statistics = RestoreStatistics.Read(paths.Bundle);
        transaction.End(locked.State with
        {
            Checkpointed = false,
            CheckpointedAt = null,
            Restored = true,
            RestoredAt = DateTimeOffset.UtcNow,
            CheckpointId = _options.Keep ? plan.CheckpointId : locked.State.CheckpointId,
            CheckpointPath = _options.Keep ? checkpoint.Images : null,
            CheckpointLog = _options.Keep && File.Exists(checkpoint.DumpLog) ? checkpoint.DumpLog : null,
            RestoreLog = _options.Keep ? paths.RestoreLog : null,
            Error = null,
        });
        if (!_options.Keep)
        {
            FileTree.Remove(paths.Images);
            File.Delete(paths.RestoreLog);
            // As long as memory is outstanding, the checkpoint may be needed again: LazyRestore.CompleteAsync drops it.
            if (locked.State.CheckpointId is not null && !isLazy)
                ContainerManager.ReleaseCheckpointInPlace(locked);
        }
        return new RestoreResult(locked.Container, runtimeDuration, statistics);
    }

    // The lock is free by now: these actions take it as any other command does.
    private async Task RunPostRestoreActionsAsync(Container container, CancellationToken cancellation)
    {
        try
        {
            await PostRestoreActions.RunAsync(_engine, container, _options, cancellation);
        }
        catch (Exception e) when (_source is not CheckpointSource.InPlace)
        {
            if (await TryRemoveAsync(_engine, container) is { } left)
                throw RestoreFailure.WithUndo(e, left);
            throw;
        }
    }

    /// <summary>Removes a container again that was restored. Returns why, if that fails.</summary>
    public static async Task<Exception?> TryRemoveAsync(StasisEngine engine, Container container)
    {
        try
        {
            await engine.Containers.RemoveAsync(container.Id, force: true, CancellationToken.None);
            return null;
        }
        catch (NotFoundException)
        {
            return null; // --rm
        }
        catch (Exception e) when (e is StasisException or IOException)
        {
            return e;
        }
    }

    private void Report(string step) => _progress?.Report(new OperationProgress(step, 0, null));
}
