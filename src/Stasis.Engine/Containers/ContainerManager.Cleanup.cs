using Stasis.Engine.Common;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>
    /// Records how a container ended, and undoes its mounts. conmon's exit command calls this. Does nothing if there is nothing
    /// to do: the container runs (again), another process has cleaned up already, the container was checkpointed, or it is gone.
    /// </summary>
    public async Task CleanupAsync(string id, CancellationToken cancellationToken = default)
    {
        string? checkpoint = null;
        try
        {
            // LockAsync records the end.
            using var container = await LockAsync(id, cancellationToken);
            checkpoint = container.Container.Checkpoint;
            // A checkpoint records the end itself, and leaves the removal to this call.
            if (container.State is { Status: ContainerStatus.Exited, CheckpointPath: null } && container.Container.AutoRemove)
                await RemoveAsync(container);
        }
        catch (NotFoundException)
        {
        }
        if (checkpoint is not null)
            _engine.CheckpointStore.PersistAfterUse(checkpoint);
    }

    /// <summary>
    /// Records the end of a locked container, then cleans up. A failed cleanup doesn't hide the end: the state holds the error,
    /// and the next start or removal tries again.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="keep">Keep the container even if it is to be removed when it ends.</param>
    private static async Task FinishAsync(LockedContainer container, ContainerExit end, bool keep = false)
    {
        var remove = container.Container.AutoRemove && !keep;
        container.Engine.Database.Transaction(() =>
        {
            container.Engine.Exits.Record(container.Id, end.ExitCode);
            container.Save(end.ApplyTo(container.State));
            if (!remove)
                container.Begin(OperationKind.Cleanup);
        });
        FaultPoint.Hit("cleanup.recorded");
        if (remove)
        {
            await RemoveAsync(container);
            return;
        }
        try
        {
            await ContainerTeardown.RunAsync(container);
        }
        catch (StasisException e)
        {
            container.Save(container.State with { Error = e.Message });
        }
        container.End(durable: true); // whoever stopped it, or waited for it, reports how it ended
    }
}
