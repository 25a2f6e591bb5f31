using Stasis.Engine.Common;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>Starts it. One that runs already is left as it is. Failed or cancelled, it is as before.</summary>
    /// <exception cref="InvalidStateException">It is paused, or checkpointed in place.</exception>
    public Task<Container> StartAsync(string nameOrId, CancellationToken cancellation) => StartAsync(nameOrId, discardCheckpoint: false, cancellation);

    /// <summary>As <see cref="StartAsync(string, CancellationToken)"/>.</summary>
    /// <param name="nameOrId">The container.</param>
    /// <param name="discardCheckpoint">Start it anew although it is checkpointed in place; when it runs, that checkpoint is removed.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task<Container> StartAsync(string nameOrId, bool discardCheckpoint, CancellationToken cancellation)
    {
        using var container = await LockAsync(nameOrId, cancellation);
        if (Transitions.Require(discardCheckpoint ? Verb.StartAnew : Verb.Start, container.Container))
            await StartAsync(container, null, cancellation);
        return container.Container;
    }

    /// <summary>Starts a locked container. <paramref name="beforeItRuns"/> is called when its first process is there and its command doesn't run yet: the time to attach.</summary>
    internal static async Task StartAsync(LockedContainer container, Func<Task>? beforeItRuns, CancellationToken cancellation)
    {
        await container.Engine.Command.RequireAsync(cancellation);
        var before = container.State;
        // Left over when an earlier cleanup failed, or the machine went down.
        await ContainerTeardown.RunAsync(container);
        container.Begin(OperationKind.Start);
        try
        {
            await ContainerMounts.MountAsync(container, null, hold: false, cancellation);
            FaultPoint.Hit("start.mounted");
            container.Save(container.Container with { Spec = ContainerRoot.Prepare(container.Container, container.Engine.Layout) });
            await ContainerLauncher.LaunchAsync(container, null, [], cancellation);
            FaultPoint.Hit("start.launched");
            if (beforeItRuns is not null)
                await beforeItRuns();
            await container.Runtime.StartAsync(container.Id, cancellation);
            FaultPoint.Hit("start.started");
        }
        catch (Exception e)
        {
            await UndoAsync(container, before, e);
            throw;
        }
        container.Save(container.State with
        {
            StartedAt = DateTimeOffset.UtcNow,
            Checkpointed = false,
            CheckpointedAt = null,
            CheckpointPath = before.Checkpointed ? null : before.CheckpointPath,
            Restored = false,
            RestoredAt = null,
        });
        container.End();
        if (before.Checkpointed)
            DropCheckpoint(container);
    }

    /// <summary>Lets go of its checkpoint in place, which is recorded until then: should this process die, it goes with the container.</summary>
    internal static void DropCheckpoint(LockedContainer container)
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
            // The operation stays written down: the next command tries again.
            throw new StasisException($"{why.Message}; and then {left.Message}", why);
        }
        container.Save(before with { Error = why.Message });
        container.End();
    }
}
