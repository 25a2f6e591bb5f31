using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Criu;
using Stasis.Engine.Network;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Recovers a <see cref="CheckpointOperation"/> whose process died. A checkpoint that was recorded is finished; any other is
/// undone, and the container runs as before.
/// </summary>
internal sealed class CheckpointRecovery : IOperationRecovery
{
    // Enough for some tens of GiB. CRIU's parasite leaves the processes when CRIU dies, except at some instants.
    private static readonly TimeSpan DumpLimit = TimeSpan.FromMinutes(1);

    public async Task RecoverAsync(LockedContainer container, PendingOperation operation, CancellationToken cancellation)
    {
        // A runtime and a CRIU that are still at work would interfere with what follows. A CRIU that hasn't begun waits for the
        // dead process.
        var limit = CriuStartGate.IsPending(container.Paths) ? TimeSpan.Zero : DumpLimit;
        await HelperProcesses.WaitOrKillRuntimeAsync(container, limit, cancellation);
        if (operation is { Step: CheckpointOperation.StoringStep, Data: { } stored })
            container.Engine.CheckpointStore.Release(stored, container: "");
        else if (operation.Data is { } unfinishedArchive)
            File.Delete(unfinishedArchive);
        if (container.State.Checkpointed)
        {
            await ContainerTeardown.RunAsync(container);
        }
        else if (await container.Runtime.GetStateAsync(container.Id, cancellation) is ("paused", _))
        {
            CriuDump.RemoveLeftLinks(container);
            if (container.Container.Config.Networks is not null && File.Exists(container.Paths.NetNs))
                await NetworkPacketBlock.ReleaseAsync(container.Paths.NetNs, container.Engine.Log);
            await container.Runtime.ResumeAsync(container.Id, cancellation);
        }
        CriuDump.RemoveFolders(container.Paths);
    }
}
