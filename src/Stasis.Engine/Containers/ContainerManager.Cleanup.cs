using Stasis.Engine.Common;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>
    /// Records how it ended and undoes its mounts: conmon's exit command. Harmless when there is nothing to do: the container lives (again), somebody else was
    /// faster, it was checkpointed, it is gone.
    /// </summary>
    public async Task CleanupAsync(string id, CancellationToken cancellation)
    {
        string? checkpoint = null;
        try
        {
            // Taking the lock is what records an end.
            using var container = await LockAsync(id, cancellation);
            checkpoint = container.Container.Checkpoint;
            // An end that a verb recorded itself (checkpoint), leaving the removal to us.
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
    /// Records the end of a locked container, then cleans up after it. What can't be cleaned up doesn't hide the end: it is told in the container's state, and
    /// tried again by the next start or removal. <paramref name="keep"/>: even if it is to be removed when it ends.
    /// </summary>
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
        container.End();
    }
}
