using Stasis.Engine.Common;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>
    /// Removes a container and the anonymous volumes created for it; kills it first if <paramref name="force"/>. Waits for a
    /// restore of it that is under way, and for a checkpoint as long as the container is frozen. If this process dies during the removal,
    /// the next command completes it.
    /// </summary>
    public async Task RemoveAsync(string nameOrId, bool force = false, CancellationToken cancellationToken = default)
    {
        using var room = RemovalReserve.Use(_engine.Layout);
        using var container = await LockAsync(nameOrId, force ? TransitionVerb.ForceRemove : TransitionVerb.Remove, cancellationToken);
        if (container.State.IsAlive)
            await KillAndRecordAsync(container, keep: true);
        await RemoveAsync(container);
    }

    /// <summary>Removes a locked container that has no processes.</summary>
    internal static async Task RemoveAsync(LockedContainer container)
    {
        container.Engine.Database.Transaction(() =>
        {
            container.End(); // of what couldn't be recovered
            container.Begin(OperationKind.Remove);
            container.Save(container.State with { Status = ContainerStatus.Removing });
        }, durable: true);
        FaultPoint.Hit("remove.begun");
        await FinishRemovalAsync(container);
    }

    /// <summary>
    /// Releases the checkpoints in the store that a container uses. Called before its row is deleted: if this process dies,
    /// recovery calls it again.
    /// </summary>
    internal static void ReleaseCheckpoints(LockedContainer container)
    {
        foreach (var id in (string?[])[container.Container.Checkpoint, container.State.CheckpointId])
            container.Engine.CheckpointStore.Release(id, container.Id);
    }

    /// <summary>Removes everything of a locked container for which a removal, or a creation, is recorded as an operation.</summary>
    internal static async Task FinishRemovalAsync(LockedContainer container)
    {
        await ContainerTeardown.RunAsync(container, isLast: true);
        FaultPoint.Hit("remove.torn-down");
        ContainerDirectoryRemoval.Remove(container);
        FaultPoint.Hit("remove.files-gone");
        ReleaseCheckpoints(container);
        var volumes = container.Container.Config.NamedVolumes ?? [];
        container.DeleteWithVolumes([.. volumes.Select(volume => volume.Name)], onlyAnonymous: true);
    }
}
