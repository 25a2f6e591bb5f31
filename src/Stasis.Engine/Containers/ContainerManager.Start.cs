using Stasis.Engine.Common;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>Starts a container. Does nothing if it runs already. A failed or cancelled call leaves it as before.</summary>
    /// <exception cref="InvalidStateException">The container is paused, or checkpointed in place.</exception>
    public Task<Container> StartAsync(string nameOrId, CancellationToken cancellationToken = default) =>
        StartAsync(nameOrId, discardCheckpoint: false, cancellationToken);

    /// <summary>As <see cref="StartAsync(string, CancellationToken)"/>.</summary>
    /// <param name="nameOrId">The container: its name, its ID or a unique prefix of its ID.</param>
    /// <param name="discardCheckpoint">
    /// Start the container even if it is checkpointed in place, and remove that checkpoint once it runs.
    /// </param>
    /// <param name="cancellationToken">A cancelled call leaves the container as before.</param>
    public async Task<Container> StartAsync(string nameOrId, bool discardCheckpoint, CancellationToken cancellationToken = default)
    {
        using var container = await LockAsync(nameOrId, cancellationToken);
        if (Transitions.Require(discardCheckpoint ? TransitionVerb.StartAnew : TransitionVerb.Start, container.Container))
            await StartAsync(container, null, cancellationToken);
        return container.Container;
    }

    /// <summary>Starts a locked container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="attach">Called once the first process is created and before its command runs, so that no output is missed.</param>
    /// <param name="cancellationToken">A cancelled call leaves the container as before.</param>
    internal static async Task StartAsync(LockedContainer container, Func<Task>? attach, CancellationToken cancellationToken)
    {
        await container.Engine.Command.RequireInstalledAsync(cancellationToken);
        var before = container.State;
        ContainerCgroup.RequireUnused(container.Container, container.Paths);
        // Removes what a failed cleanup, or a crash of the machine, has left.
        await ContainerTeardown.RunAsync(container);
        container.Begin(OperationKind.Start);
        try
        {
            CgroupMoveWarmup.Begin();
            await ContainerMounts.MountAsync(container, null, hold: false, cancellationToken);
            FaultPoint.Hit("start.mounted");
            var spec = NestedMounts.Remove(ContainerStartPreparation.Prepare(container.Container, container.Engine.Layout));
            container.Save(container.Container with { Spec = spec });
            await ContainerLauncher.CreateAsync(container, cancellationToken);
            FaultPoint.Hit("start.launched");
            if (attach is not null)
                await attach();
            await container.Runtime.StartAsync(container.Id, cancellationToken);
            FaultPoint.Hit("start.started");
        }
        catch (Exception e)
        {
            await UndoAsync(container, before, e);
            throw;
        }
        container.EndAs(container.State with
        {
            StartedAt = DateTimeOffset.UtcNow,
            Checkpointed = false,
            CheckpointedAt = null,
            CheckpointPath = before.Checkpointed ? null : before.CheckpointPath,
            Restored = false,
            RestoredAt = null,
        });
        if (before.Checkpointed)
            ReleaseCheckpointInPlace(container);
    }

    /// <summary>
    /// Releases the container's checkpoint in place. The state names that checkpoint until it is released: if this process dies,
    /// it is released when the container is removed.
    /// </summary>
    internal static void ReleaseCheckpointInPlace(LockedContainer container)
    {
        container.Engine.CheckpointStore.Release(container.State.CheckpointId, container.Id);
        container.Save(container.State with { CheckpointId = null });
    }

    private static async Task UndoAsync(LockedContainer container, ContainerState before, Exception why)
    {
        try
        {
            await ContainerTeardown.RunAsync(container);
        }
        catch (StasisException left)
        {
            // The operation stays recorded: the next command tries again.
            throw new StasisException($"{why.Message}; and then {left.Message}", why);
        }
        container.Save(before with { Error = why.Message });
        container.End();
    }
}
