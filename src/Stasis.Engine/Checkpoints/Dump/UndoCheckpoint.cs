using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Criu;
using Stasis.Engine.Network;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>A checkpoint whose process died. Was it recorded, then the rest of it is done; else the container runs as before.</summary>
internal sealed class UndoCheckpoint : IRecovery
{
    // Some tens of GiB. CRIU's parasite leaves the processes when CRIU dies, except in some instants.
    private static readonly TimeSpan DumpLimit = TimeSpan.FromMinutes(1);

    public async Task RecoverAsync(LockedContainer container, Operation operation, CancellationToken cancellation)
    {
        // The runtime and CRIU may still be at it: they would fight with what follows. A CRIU that hasn't begun yet waits for who is dead.
        await HelperProcesses.EndRuntimeAsync(container, CriuConfigFifo.IsClosed(container.Paths) ? TimeSpan.Zero : DumpLimit, cancellation);
        if (operation is { Step: CheckpointRun.Storing, Data: { } stored })
            container.Engine.CheckpointStore.Release(stored, container: "");
        else if (operation.Data is { } unfinishedArchive)
            File.Delete(unfinishedArchive);
        if (container.State.Checkpointed)
            await ContainerTeardown.RunAsync(container);
        else if (await container.Runtime.StateAsync(container.Id, cancellation) is ("paused", _))
        {
            if (container.Container.Config.Networks is not null)
                await NetworkLock.ReleaseAsync(container.Paths.NetNs, container.Engine.Log);
            await container.Runtime.ResumeAsync(container.Id, cancellation);
        }
        CheckpointRun.RemoveFolders(container.Paths);
    }
}
