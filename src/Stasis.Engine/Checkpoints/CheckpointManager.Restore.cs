using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>
    /// Brings a container back: a new one from an archive, an image or the store, or a container that was checkpointed in place. A new
    /// container has its old name and ID, unless it gets a new name, and with it a new ID. Everything is read and vetted before anything
    /// is made. Failed or cancelled, everything made on the way is undone, and the source is as it was.
    /// </summary>
    /// <param name="source">Where the container comes from.</param>
    /// <param name="options">How it is restored; null for defaults.</param>
    /// <param name="progress">Told how far the restore has come.</param>
    /// <param name="cancellationToken">Cancels the restore until the container runs; from then on it has no effect.</param>
    /// <exception cref="NotFoundException">There is no such container, image, or checkpoint in the store.</exception>
    /// <exception cref="ArchiveException">The archive can't be read, isn't signed as required, or isn't what it claims.</exception>
    /// <exception cref="ImportRefusedException">The checkpoint asks for more than is allowed.</exception>
    /// <exception cref="InUseException">The name or the ID is taken.</exception>
    /// <exception cref="InvalidStateException">The container in place can't be restored in its state.</exception>
    /// <exception cref="RestoreFailedException">The runtime or CRIU failed; the message has their words.</exception>
    public async Task<RestoreResult> RestoreAsync(
        CheckpointSource source,
        RestoreOptions? options = null,
        IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        await RestoreOperation.Create(_engine, source, options ?? new RestoreOptions(), progress).RunAsync(cancellationToken);
}
