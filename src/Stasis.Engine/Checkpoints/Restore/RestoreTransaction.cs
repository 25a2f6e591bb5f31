using Stasis.Engine.Common;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// The part of a restore that can be undone: from the insertion of its row in the table of operations to the row's deletion. Meanwhile,
/// <see cref="UndoAsync"/> undoes a failure. If this process dies, the next command finds the row, and undoes the restore by
/// <see cref="UndoNewContainer"/> or <see cref="UndoInPlace"/>.
/// </summary>
internal abstract class RestoreTransaction : IDisposable
{
    private RestoreTransaction(LockedContainer container) => Container = container;

    /// <summary>The container that is restored, locked.</summary>
    public LockedContainer Container { get; }

    /// <summary>
    /// Begins to make a container: takes its name and ID, and records that its restore was begun. The container isn't listed before the
    /// end.
    /// </summary>
    /// <exception cref="InUseException">Name or ID is taken. Nothing was changed.</exception>
    public static async Task<RestoreTransaction> BeginNewContainerAsync(
        StasisEngine engine, Container container, CancellationToken cancellation)
    {
        ContainerCgroup.RequireUnused(container, engine.Layout.Container(container.Id));
        return new NewContainer(await engine.Containers.ReserveAsync(container, OperationKind.RestoreNew, null, cancellation));
    }

    /// <summary>Begins to restore a container in place, whose lock stays the caller's.</summary>
    public static async Task<RestoreTransaction> BeginInPlaceAsync(LockedContainer container)
    {
        ContainerCgroup.RequireUnused(container.Container, container.Paths);
        // Left over if an earlier cleanup failed, or the machine went down.
        await ContainerTeardown.RunAsync(container);
        container.Begin(OperationKind.RestoreInPlace);
        return new InPlace(container);
    }

    /// <summary>Records that the container runs, and ends the operation: from here on nothing is undone.</summary>
    public void End(ContainerState running)
    {
        Container.EndAs(running);
        FaultPoint.Hit("restore.saved");
    }

    /// <summary>Takes away what was made since the beginning, and ends the operation.</summary>
    /// <param name="reason">Why the restore failed; a container in place records it.</param>
    public abstract Task UndoAsync(string reason);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    private static async Task RemoveAsync(LockedContainer container, string? volumes)
    {
        await ContainerTeardown.RunAsync(container, isLast: true);
        AbandonedMountFolders.Remove();
        ContainerDirectoryRemoval.Remove(container);
        ContainerManager.ReleaseCheckpoints(container);
        // Those that the restore made, as far as no other container has come to use them.
        container.DeleteWithVolumes(volumes?.Split(' ') ?? [], onlyAnonymous: false);
    }

    /// <summary>A new container whose restore was cut off: everything that was made for it is removed.</summary>
    internal sealed class UndoNewContainer : IOperationRecovery
    {
        /// <inheritdoc/>
        public Task RecoverAsync(LockedContainer container, PendingOperation operation, CancellationToken cancellation) =>
            RemoveAsync(container, volumes: operation.Data);
    }

    /// <summary>A container whose restore in place was cut off: it is checkpointed as before.</summary>
    internal sealed class UndoInPlace : IOperationRecovery
    {
        /// <inheritdoc/>
        public async Task RecoverAsync(LockedContainer container, PendingOperation operation, CancellationToken cancellation)
        {
            await ContainerTeardown.RunAsync(container);
            AbandonedMountFolders.Remove();
            container.Save(container.State.WithoutProcesses());
        }
    }

    private sealed class NewContainer(LockedContainer container) : RestoreTransaction(container)
    {
        public override Task UndoAsync(string reason)
        {
            FaultPoint.Hit("restore.undoing");
            return RemoveAsync(Container, volumes: Container.Engine.Operations.Find(Container.Id)?.Data);
        }

        public override void Dispose()
        {
            Container.Dispose();
            base.Dispose();
        }
    }

    private sealed class InPlace(LockedContainer container) : RestoreTransaction(container)
    {
        private readonly Container _before = container.Container;

        public override async Task UndoAsync(string reason)
        {
            FaultPoint.Hit("restore.undoing");
            await ContainerTeardown.RunAsync(Container);
            AbandonedMountFolders.Remove();
            FileTree.Remove(Container.Paths.Images);
            Container.Save(_before with { State = _before.State with { Error = reason } });
            Container.End();
        }
    }
}
