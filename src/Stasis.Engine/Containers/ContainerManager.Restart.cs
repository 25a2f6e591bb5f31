using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>Stops a container, if it runs, and starts it. A container that is to be removed when it ends (--rm) is kept.</summary>
    public async Task<Container> RestartAsync(string nameOrId, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        using var container = await LockAsync(nameOrId, TransitionVerb.Restart, cancellationToken);
        if (container.State.IsAlive)
        {
            // The lock is held throughout: otherwise the cleanup after the end of a container with --rm would remove it before it starts.
            await SignalAsync(container, (int)(container.Container.Config.StopSignal ?? Sigterm), thaw: true, cancellationToken);
            await WaitForStopAsync(container.Container, timeout, cancellationToken);
            await KillAndRecordAsync(container, keep: true);
        }
        await StartAsync(container, null, cancellationToken);
        return container.Container;
    }
}
