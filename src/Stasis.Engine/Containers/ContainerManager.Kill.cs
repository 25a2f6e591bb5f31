using Stasis.Engine.Containers.Supervision;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>
    /// Sends a signal to the first process of a container. SIGKILL also unpauses a paused container, which could not die
    /// otherwise.
    /// </summary>
    public async Task KillAsync(string nameOrId, int signal, CancellationToken cancellationToken = default)
    {
        using var container = await LockAsync(nameOrId, TransitionVerb.Kill, cancellationToken);
        await SignalAsync(container, signal, thaw: signal == Sigkill, cancellationToken);
    }
}
