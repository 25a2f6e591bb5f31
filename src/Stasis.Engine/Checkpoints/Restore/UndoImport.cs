using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>A restore from an archive whose process died, or that failed: everything it made is taken away.</summary>
internal sealed class UndoImport : IRecovery
{
    public Task RecoverAsync(LockedContainer container, Operation operation, CancellationToken cancellation) => RunAsync(container, operation.Data);

    /// <summary>Takes it away, with the volumes that the operation has written down.</summary>
    public static async Task RunAsync(LockedContainer container, string? volumes)
    {
        await ContainerTeardown.RunAsync(container);
        ContainerFiles.Remove(container);
        ContainerManager.ReleaseCheckpoints(container);
        var engine = container.Engine;
        engine.Database.Transaction(() =>
        {
            container.Delete();
            // Those that it made itself, in so far as no other container has come to use them.
            foreach (var volume in volumes?.Split(' ') ?? [])
                if (engine.Volumes.Exists(volume) && engine.ContainerStore.ByVolume(volume) is [])
                    engine.Volumes.Remove(volume);
        });
    }
}
