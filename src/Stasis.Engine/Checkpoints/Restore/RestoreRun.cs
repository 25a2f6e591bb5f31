using System.Diagnostics;
using Stasis.Engine.Common;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>The steps that every restore has, in order, from a container whose row is there to one that runs.</summary>
internal sealed class RestoreRun(StasisEngine engine, LockedContainer locked, RestoreOptions options, IProgress<CheckpointProgress>? progress)
{
    private readonly ContainerLayout _paths = locked.Paths;
    private TimeSpan _runtimeDuration;
    private bool _isLazy;

    private Container Container => locked.Container;

    /// <summary>Mounts the root file system, /dev/shm and the network namespace, attaches that to networks, and writes the files that the engine provides.</summary>
    public async Task MountAsync(IReadOnlyDictionary<string, NetworkAttachment>? networks, CancellationToken cancellation)
    {
        progress?.Report(new CheckpointProgress("mounting", 0, null));
        await ContainerMounts.MountAsync(locked, networks, hold: options.TcpEstablished, cancellation);
        FaultPoint.Hit("restore.mounted");
    }

    /// <summary>Puts back what was in /dev/shm.</summary>
    public void FillShm(CheckpointFolder checkpoint, CancellationToken cancellation)
    {
        if (File.Exists(checkpoint.DevShm))
            CheckpointFolder.ExtractTar(checkpoint.DevShm, _paths.Shm, cancellation);
    }

    /// <summary>Has the runtime restore the processes, under a conmon of their own, and checks what came of it.</summary>
    /// <param name="checkpoint">What they are restored from.</param>
    /// <param name="id">Its ID in the store.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task LaunchAsync(CheckpointFolder checkpoint, string id, CancellationToken cancellation)
    {
        progress?.Report(new CheckpointProgress("restoring processes", 0, null));
        // The store's images are read-only, and read by all copies at once; CRIU's logs and statistics go into each one's own bundle.
        var images = options.Hostname is { } hostname ? RestoredHostname.Write(checkpoint, _paths, hostname) : checkpoint.Images;
        FaultPoint.Hit("restore.launching");
        var watch = Stopwatch.StartNew();
        _isLazy = LazyRestore.IsWanted(options, checkpoint);
        if (!_isLazy)
            await engine.CheckpointStore.RequireCompleteAsync(id, cancellation);
        CriuConfig.Write(_paths, [.. options.TcpClose ? ["tcp-close"] : (string[])[], .. _isLazy ? [LazyRestore.CriuOption] : (string[])[], .. LoopbackScript.CriuOptions(Container, checkpoint, _paths), .. locked.Runtime.CriuRestoreOptions]);
        if (_isLazy)
        {
            using var supply = await LazyRestore.RequestAsync(locked, checkpoint, id, cancellation);
            await supply.GuardAsync(stop => ContainerLauncher.RestoreAsync(locked, images, Arguments(), stop), cancellation);
        }
        else
        {
            await ContainerLauncher.RestoreAsync(locked, images, Arguments(), cancellation);
        }
        if (options.TcpEstablished && Container.Config.CreateNetNs)
            await NetworkLock.ReleaseAsync(_paths.NetNs, engine.Log);
        _runtimeDuration = watch.Elapsed;
        FaultPoint.Hit("restore.launched");
        if (Conmon.ReadExitCommand(Container.State.ConmonPid) is [.., var last] && last != Container.Id)
            throw new StasisException($"the exit command of the restored container names {last} in place of {Container.Id}");
    }

    /// <summary>Records that it runs.</summary>
    /// <param name="checkpoint">What it came from.</param>
    /// <param name="id">Its ID in the store.</param>
    public RestoreResult Finish(CheckpointFolder checkpoint, string? id)
    {
        var statistics = RestoreStatistics.Read(_paths.Bundle);
        locked.Save(Container.State with
        {
            Checkpointed = false,
            CheckpointedAt = null,
            Restored = true,
            RestoredAt = DateTimeOffset.UtcNow,
            CheckpointId = options.Keep ? id : Container.State.CheckpointId,
            CheckpointPath = options.Keep ? checkpoint.Images : null,
            CheckpointLog = options.Keep && File.Exists(checkpoint.DumpLog) ? checkpoint.DumpLog : null,
            RestoreLog = options.Keep ? _paths.RestoreLog : null,
            Error = null,
        });
        FaultPoint.Hit("restore.saved");
        locked.End();
        if (!options.Keep)
        {
            FileTree.Remove(_paths.Images);
            File.Delete(_paths.RestoreLog);
            // As long as memory is outstanding, it may be needed again: LazyRestore.CompleteAsync.
            if (Container.State.CheckpointId is not null && !_isLazy)
                ContainerManager.ReleaseCheckpointInPlace(locked);
        }
        return new RestoreResult(Container, _runtimeDuration, statistics);
    }

    /// <summary>What a failure is to say; CRIU's log is kept where it won't be removed with what was made.</summary>
    public Exception Explain(Exception failure)
    {
        var what = $"restoring container {Container.Name}";
        if (failure is OperationCanceledException)
        {
            return new InterruptedException(
                $"{what} was interrupted; what was made for it is gone again, and the checkpoint is as it was", failure)
            {
                Survived = Survived.Source,
            };
        }
        var message = FileFailure.Why(failure);
        if (File.Exists(_paths.RestoreLog))
            message = message.Replace(_paths.RestoreLog, CriuLog.Keep(_paths.RestoreLog, engine.Layout.KeptLog(Container.Id, "restore")), StringComparison.Ordinal);
        return new RestoreFailedException($"{what}: {message}", failure) { Remedy = FileFailure.Remedy(failure, engine.Layout.Root) };
    }

    private List<string> Arguments()
    {
        var arguments = new List<string>();
        if (options.TcpEstablished)
            arguments.Add("--tcp-established");
        if (options.FileLocks)
            arguments.Add("--file-locks");
        return arguments;
    }
}
