using Stasis.Engine.Errors;
using Stasis.Engine.LazyPages;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Engine.Storage.Sqlite;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>Recovers operations whose process died.</summary>
internal sealed class Recovery(StasisEngine engine)
{
    private readonly Dictionary<string, IOperationRecovery> _byKind = new()
    {
        [OperationKind.Create] = new FinishRemoval(),
        [OperationKind.Start] = new UndoStart(),
        [OperationKind.Cleanup] = new TearDown(),
        [OperationKind.Pause] = new Thaw(),
        [OperationKind.Remove] = new FinishRemoval(),
    };

    /// <summary>Registers the recovery for a kind of operation. Called when the engine is opened.</summary>
    public void Register(string kind, IOperationRecovery recovery) => _byKind[kind] = recovery;

    /// <summary>
    /// Recovers all operations whose process died, and removes abandoned staging folders. Costs a query and a folder listing if
    /// there are none. If a recovery fails, the container's state gets the reason and the next command tries again: commands on
    /// other containers must not fail for it.
    /// </summary>
    public async Task RecoverAllAsync(CancellationToken cancellation)
    {
        if (!File.Exists(engine.Layout.Database))
            return;
        foreach (var orphan in engine.Operations.List())
        {
            using var held = FileLock.TryAcquire(engine.Layout.ContainerLock(orphan.ContainerId));
            if (held is null)
                continue; // its process is alive
            if (engine.Operations.Find(orphan.ContainerId) is not { } operation)
            {
                // Its process has just ended it. A removed container's lock file was recreated by the attempt to take it.
                if (engine.ContainerStore.FindById(orphan.ContainerId) is null)
                    held.Remove();
                continue;
            }
            if (engine.ContainerStore.FindById(orphan.ContainerId) is { } container)
            {
                using var room = RemovalReserve.Use(engine.Layout); // most recoveries remove files
                using var locked = new LockedContainer(engine, container, held);
                await TryRecoverAsync(locked, operation, cancellation);
            }
            else
            {
                engine.Operations.End(orphan.ContainerId);
                held.Remove();
            }
        }
        RemoveAbandoned();
        // A page server's second process does this, unless it was killed as well.
        var servers = Directory.Exists(engine.Layout.PageServers) ? Directory.EnumerateDirectories(engine.Layout.PageServers) : [];
        if (servers.Any(folder => File.Exists(new PageServerFolder(folder).Control)))
            await LazyMemorySupervisor.KillOrphansAsync(engine);
    }

    /// <summary>
    /// Removes what is on the disk of processes that died, and of a machine that went down, and no row leads to. Costs the listing of
    /// a folder and the reading of a file if there is nothing.
    /// </summary>
    public void RemoveAbandoned()
    {
        var layout = engine.Layout;
        var isFirst = !BootCleanupMark.IsOfThisBoot(layout);
        if (!isFirst && !StagingFolder.IsAnyAbandoned(layout))
            return;
        // Where a checkpoint is being added, the next command does it.
        using var alone = FileLock.TryAcquire(layout.NewCheckpointsLock);
        if (alone is null)
            return;
        using var room = RemovalReserve.Use(layout);
        StagingFolder.RemoveAbandoned(layout, RecoverRoot);
        engine.CheckpointStore.RemoveOrphans();
        engine.Volumes.RemoveOrphans();
        if (!isFirst)
            return;
        RemoveOrphanContainers();
        BootCleanupMark.Write(layout);
    }

    // Another engine's container may be frozen, and only the root that was made for its checkpoint knows it.
    private bool RecoverRoot(string folder)
    {
        var options = engine.Options with
        {
            Root = Path.Combine(folder, StagingFolder.Root),
            RunRoot = Path.Combine(folder, StagingFolder.RunRoot),
        };
        using var root = new StasisEngine(options);
        if (!File.Exists(root.Layout.Database))
            return true;
        root.RecoverAsync(CancellationToken.None).GetAwaiter().GetResult();
        return root.Operations.List().Count == 0;
    }

    // The row of a container that was not reported yet may not have got to the disk, though its folder has.
    private void RemoveOrphanContainers()
    {
        if (!Directory.Exists(engine.Layout.Containers))
            return;
        foreach (var folder in Directory.GetDirectories(engine.Layout.Containers))
        {
            var id = Path.GetFileName(folder);
            using var held = FileLock.TryAcquire(engine.Layout.ContainerLock(id));
            if (held is null || engine.ContainerStore.FindById(id) is not null)
                continue;
            FileTree.Remove(folder);
            held.Remove();
        }
    }

    private async Task TryRecoverAsync(LockedContainer container, PendingOperation operation, CancellationToken cancellation)
    {
        try
        {
            await RecoverAsync(container, operation, cancellation);
        }
        catch (Exception e) when (e is StasisException or IOException)
        {
            engine.Log.Containers.NotRecovered(container.Container.Name, container.Id, operation.Kind, e.Message);
            try
            {
                var error = $"\"{operation.Kind}\" was cut off and can't be put right: {e.Message}";
                container.Save(container.State with { Error = error });
            }
            catch (DatabaseException)
            {
                // The disk is full: the next command tries again, and this command may make room.
            }
        }
    }

    /// <summary>Recovers one operation.</summary>
    /// <exception cref="StasisException">It can't be recovered.</exception>
    public async Task RecoverAsync(LockedContainer container, PendingOperation operation, CancellationToken cancellation)
    {
        if (!_byKind.TryGetValue(operation.Kind, out var recovery))
        {
            throw new StasisException(
                $"container {container.Container.Name}: an operation \"{operation.Kind}\" was left unfinished, "
                + "which this stasis doesn't know")
            {
                Remedy = "use the version of stasis that began it",
            };
        }
        engine.Log.Containers.Recovering(container.Container.Name, container.Id, operation.Kind);
        await recovery.RecoverAsync(container, operation, cancellation);
        if (!container.IsRemoved)
            container.End();
    }

    /// <summary>Tears down what the start had brought up. The container is as before, or has ended if it had begun to run.</summary>
    private sealed class UndoStart : IOperationRecovery
    {
        public async Task RecoverAsync(LockedContainer container, PendingOperation operation, CancellationToken cancellation)
        {
            await ContainerTeardown.RunAsync(container);
            if (!container.State.IsAlive)
                return;
            const string Reason = "stasis was killed while it started the container";
            var end = new ContainerExit(ContainerExit.UnknownExitCode, DateTimeOffset.UtcNow, OomKilled: false, Reason);
            container.Save(end.ApplyTo(container.State));
        }
    }

    /// <summary>Tears down a container whose end is recorded.</summary>
    private sealed class TearDown : IOperationRecovery
    {
        public Task RecoverAsync(LockedContainer container, PendingOperation operation, CancellationToken cancellation) =>
            ContainerTeardown.RunAsync(container);
    }

    /// <summary>Thaws the container after an interrupted pause or unpause.</summary>
    private sealed class Thaw : IOperationRecovery
    {
        public async Task RecoverAsync(LockedContainer container, PendingOperation operation, CancellationToken cancellation)
        {
            // The runtime's pause may still be at work, and would freeze the container again.
            await HelperProcesses.KillRuntimeAsync(container, cancellation);
            if (await container.Runtime.GetStateAsync(container.Id, cancellation) is ("paused", _))
                await container.Runtime.ResumeAsync(container.Id, cancellation);
            if (container.State.Status == ContainerStatus.Paused)
                container.Save(container.State with { Status = ContainerStatus.Running });
        }
    }

    /// <summary>Completes a removal, or removes a container that was never complete.</summary>
    private sealed class FinishRemoval : IOperationRecovery
    {
        public Task RecoverAsync(LockedContainer container, PendingOperation operation, CancellationToken cancellation) =>
            ContainerManager.FinishRemovalAsync(container);
    }
}
