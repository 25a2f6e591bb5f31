using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>
    /// Waits for the end of a container and returns its exit code, even if it is removed at its end. Returns at once if it has
    /// ended already. A container that was never started is waited for until it has run.
    /// </summary>
    public async Task<int> WaitAsync(string nameOrId, CancellationToken cancellationToken = default)
    {
        // The exit code of a removed container is kept for a while, by its ID.
        var id = _engine.ContainerStore.Find(nameOrId)?.Id ?? nameOrId;
        while (true)
        {
            if (_engine.ContainerStore.FindById(id) is not { } stored)
                return _engine.Exits.Find(id) ?? throw Storage.ContainerStore.NotFound(nameOrId);
            var container = WithCurrentState(stored);
            if (container.State.Status is ContainerStatus.Exited)
                return container.State.ExitCode;
            if (container.State.IsAlive)
                await ContainerExit.WaitAsync(container.State, _engine.Layout.Container(id), cancellationToken);
            else
                await Task.Delay(50, cancellationToken);
        }
    }
}
