using Stasis.Engine.Errors;
using Stasis.Engine.LazyPages;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Engine.Storage.Sqlite;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>Finds operations without an owner and has them put right.</summary>
internal sealed class Recovery(StasisEngine engine)
{
    private readonly Dictionary<string, IRecovery> _byKind = new()
    {
        [OperationKind.Create] = new FinishRemoval(),
        [OperationKind.Start] = new UndoStart(),
        [OperationKind.Cleanup] = new TearDown(),
        [OperationKind.Pause] = new Thaw(),
        [OperationKind.Remove] = new FinishRemoval(),
    };

    /// <summary>Who puts operations of that kind right; verbs of other rooms add theirs when the engine is opened.</summary>
    public void Register(string kind, IRecovery recovery) => _byKind[kind] = recovery;

    /// <summary>
    /// All operations whose owner died, and the staging folders. Costs a query and a folder's listing when there are none. What can't be put right is told
    /// in the container's state and stays to be tried again: it must not stand in the way of commands about other containers.
    /// </summary>
    public async Task RecoverAllAsync(CancellationToken cancellation)
    {
        if (!File.Exists(engine.Layout.Database))
            return;
        foreach (var orphan in engine.Operations.List())
        {
            using var held = FileLock.TryAcquire(engine.Layout.ContainerLock(orphan.ContainerId));
            if (held is null)
                continue; // its owner lives
            if (engine.Operations.Find(orphan.ContainerId) is not { } operation)
            {
                // Its owner has just ended it. With the container went its lock: looking for that has made it again.
                if (engine.ContainerStore.FindById(orphan.ContainerId) is null)
                    held.Remove();
                continue;
            }
            if (engine.ContainerStore.FindById(orphan.ContainerId) is { } container)
            {
                using var room = DiskReserve.Use(engine.Layout); // most of what is put right is taken away
                using var locked = new LockedContainer(engine, container, held);
                await TryRecoverAsync(locked, operation, cancellation);
            }
            else
            {
                engine.Operations.End(orphan.ContainerId);
                held.Remove();
            }
        }
        if (StagingFolder.RemoveAbandoned(engine.Layout))
            engine.CheckpointStore.RemoveOrphans();
        // Its own second process sees to it, unless that was killed with it.
        if (Directory.Exists(engine.Layout.PageServers) && Directory.EnumerateDirectories(engine.Layout.PageServers).Any(folder => File.Exists(new PageServerFolder(folder).Control)))
            await MemoryOnDemand.KillOrphansAsync(engine);
    }

    private async Task TryRecoverAsync(LockedContainer container, Operation operation, CancellationToken cancellation)
    {
        try
        {
            await RecoverAsync(container, operation, cancellation);
        }
        catch (Exception e) when (e is StasisException or IOException)
        {
            engine.Log.Containers.NotRecovered(container.Container, operation.Kind, e.Message);
            try
            {
                container.Save(container.State with { Error = $"\"{operation.Kind}\" was cut off and can't be put right: {e.Message}" });
            }
            catch (DatabaseException)
            {
                // A full disk: the next command comes to it again, and this one may be what makes room.
            }
        }
    }

    /// <summary>Puts one right. The caller holds the container's lock.</summary>
    public async Task RecoverAsync(LockedContainer container, Operation operation, CancellationToken cancellation)
    {
        if (!_byKind.TryGetValue(operation.Kind, out var recovery))
            throw new StasisException($"container {container.Container.Name}: an operation \"{operation.Kind}\" was left unfinished, which this stasis doesn't know")
            {
                Remedy = "use the version of stasis that began it",
            };
        engine.Log.Containers.Recovering(container.Container, operation.Kind);
        await recovery.RecoverAsync(container, operation, cancellation);
        if (!container.IsRemoved)
            container.End();
    }

    /// <summary>Whatever came up is taken down; the container is as before the start, or ended if it had begun to run.</summary>
    private sealed class UndoStart : IRecovery
    {
        public async Task RecoverAsync(LockedContainer container, Operation operation, CancellationToken cancellation)
        {
            await ContainerTeardown.RunAsync(container);
            if (container.State.IsAlive)
                container.Save(new ContainerExit(ContainerExit.UnknownExitCode, DateTimeOffset.UtcNow, false, "stasis was killed while it started the container").ApplyTo(container.State));
        }
    }

    /// <summary>The end is recorded; what it had mounted is taken away.</summary>
    private sealed class TearDown : IRecovery
    {
        public Task RecoverAsync(LockedContainer container, Operation operation, CancellationToken cancellation) => ContainerTeardown.RunAsync(container);
    }

    /// <summary>A pause or an unpause that was cut off ends with the container running.</summary>
    private sealed class Thaw : IRecovery
    {
        public async Task RecoverAsync(LockedContainer container, Operation operation, CancellationToken cancellation)
        {
            // The runtime's pause may still be at it, and would freeze what we thaw.
            await HelperProcesses.KillRuntimeAsync(container, cancellation);
            if (await container.Runtime.StateAsync(container.Id, cancellation) is ("paused", _))
                await container.Runtime.ResumeAsync(container.Id, cancellation);
            if (container.State.Status == ContainerStatus.Paused)
                container.Save(container.State with { Status = ContainerStatus.Running });
        }
    }

    /// <summary>A removal that was begun is completed; what was never whole is taken away.</summary>
    private sealed class FinishRemoval : IRecovery
    {
        public Task RecoverAsync(LockedContainer container, Operation operation, CancellationToken cancellation) =>
            ContainerManager.FinishRemovalAsync(container);
    }
}
