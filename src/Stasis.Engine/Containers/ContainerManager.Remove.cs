using Stasis.Engine.Common;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>
    /// Removes it, with the anonymous volumes made for it; kills it first if <paramref name="force"/>. Waits for a checkpoint or restore of it that is under
    /// way. A removal that was begun is completed, if need be by the next command.
    /// </summary>
    public async Task RemoveAsync(string nameOrId, bool force, CancellationToken cancellation)
    {
        using var room = DiskReserve.Use(_engine.Layout);
        using var container = await LockAsync(nameOrId, force ? Verb.ForceRemove : Verb.Remove, cancellation);
        if (container.State.IsAlive)
            await KillAndRecordAsync(container, keep: true);
        await RemoveAsync(container);
    }

    /// <summary>Removes a locked container that isn't alive.</summary>
    internal static async Task RemoveAsync(LockedContainer container)
    {
        container.Engine.Database.Transaction(() =>
        {
            container.Begin(OperationKind.Remove);
            container.Save(container.State with { Status = ContainerStatus.Removing });
        }, durable: true);
        FaultPoint.Hit("remove.begun");
        await FinishRemovalAsync(container);
    }

    /// <summary>It uses no checkpoint in the store any more. Called before its row goes, so that should this process die it is called again.</summary>
    internal static void ReleaseCheckpoints(LockedContainer container)
    {
        foreach (var id in (string?[])[container.Container.Checkpoint, container.State.CheckpointId])
            container.Engine.CheckpointStore.Release(id, container.Id);
    }

    /// <summary>Takes away all there is of a locked container whose removal, or creation, is written down.</summary>
    internal static async Task FinishRemovalAsync(LockedContainer container)
    {
        await ContainerTeardown.RunAsync(container);
        FaultPoint.Hit("remove.torn-down");
        ContainerFiles.Remove(container);
        FaultPoint.Hit("remove.files-gone");
        ReleaseCheckpoints(container);
        container.Engine.Database.Transaction(() =>
        {
            container.Delete();
            container.Engine.Volumes.RemoveUnused(container.Container.Config.NamedVolumes ?? []);
        }, durable: true);
    }
}
