using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>A restore in place whose process died: the container is checkpointed as before.</summary>
internal sealed class UndoRestore : IRecovery
{
    public async Task RecoverAsync(LockedContainer container, Operation operation, CancellationToken cancellation)
    {
        await ContainerTeardown.RunAsync(container);
        container.Save(container.State with { Status = ContainerStatus.Exited, Pid = 0, PidStartTime = 0, ConmonPid = 0, ConmonStartTime = 0, Networks = null });
    }
}
