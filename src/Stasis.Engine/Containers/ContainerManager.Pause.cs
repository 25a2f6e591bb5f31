using Stasis.Engine.Common;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>Freezes the processes of a container.</summary>
    public async Task PauseAsync(string nameOrId, CancellationToken cancellationToken = default)
    {
        using var container = await LockAsync(nameOrId, TransitionVerb.Pause, cancellationToken);
        await ChangeStatusAsync(container, () => container.Runtime.PauseAsync(container.Id, cancellationToken), ContainerStatus.Paused);
    }

    /// <summary>Lets the processes of a paused container run again.</summary>
    public async Task UnpauseAsync(string nameOrId, CancellationToken cancellationToken = default)
    {
        using var container = await LockAsync(nameOrId, TransitionVerb.Unpause, cancellationToken);
        await ChangeStatusAsync(container, () => container.Runtime.ResumeAsync(container.Id, cancellationToken), ContainerStatus.Running);
    }

    private static async Task ChangeStatusAsync(LockedContainer container, Func<Task> change, ContainerStatus status)
    {
        container.Begin(OperationKind.Pause);
        try
        {
            await change();
            FaultPoint.Hit($"pause.{Transitions.ToText(status)}");
            container.Save(container.State with { Status = status });
        }
        finally
        {
            container.End();
        }
    }
}
