namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>Freezes a container into an archive, or in place. Cancelled or failed, the container runs as before.</summary>
    public Task<CheckpointResult> CheckpointAsync(string nameOrId, CheckpointOptions options, IProgress<CheckpointProgress>? progress, CancellationToken cancellation) =>
        throw new NotImplementedException();
}
