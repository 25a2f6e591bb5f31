namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>Brings a container back from an archive, or from its in-place checkpoint. Failed, everything made on the way is undone.</summary>
    public Task<RestoreResult> RestoreAsync(RestoreOptions options, IProgress<CheckpointProgress>? progress, CancellationToken cancellation) =>
        throw new NotImplementedException();
}
