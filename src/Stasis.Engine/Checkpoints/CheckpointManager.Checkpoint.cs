using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Preflight;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>
    /// Checkpoints a running container into an archive, an image or the store, or in place. The container stays frozen while its
    /// files are read, so that memory, root file system, /dev/shm and volumes belong to one instant. Its processes end only after
    /// the checkpoint is complete and on disk. A checkpoint that fails or is cancelled before that leaves the container running
    /// as before.
    /// </summary>
    /// <param name="nameOrId">The container: its name, its ID or a unique prefix of its ID.</param>
    /// <param name="options">Where the checkpoint goes, and what it contains.</param>
    /// <param name="progress">Receives each step, with the bytes done in steps that move data.</param>
    /// <param name="cancellationToken">
    /// Obeyed until the checkpoint is complete. A cancelled call leaves the container running, and neither archive nor image.
    /// </param>
    /// <exception cref="StasisException">The options exclude each other, or an image name or a recipient is invalid.</exception>
    /// <exception cref="NotFoundException">There is no such container.</exception>
    /// <exception cref="InvalidStateException">The container is not running, or has state that a checkpoint can't hold.</exception>
    /// <exception cref="CheckpointFailedException">The dump or the archive failed. The container runs as before.</exception>
    /// <exception cref="ContainerLostInDumpException">CRIU was killed at an instant at which the container ended with it.</exception>
    public async Task<CheckpointResult> CheckpointAsync(
        string nameOrId,
        CheckpointOptions options,
        IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        CheckpointRequirements.RequireValid(options);
        var recipients = AgeKeyFiles.ReadRecipients(options.Encrypt);
        using var container = await _engine.Containers.LockAsync(nameOrId, TransitionVerb.Checkpoint, cancellationToken);
        return await new CheckpointOperation(container, options, recipients, progress).RunAsync(cancellationToken);
    }

    /// <summary>
    /// Looks at a running container for what a checkpoint can't hold, or holds only with an option. Nothing is touched: the container isn't
    /// frozen. The same is looked for before each checkpoint.
    /// </summary>
    /// <param name="nameOrId">The container: its name, its ID or a unique prefix of its ID.</param>
    /// <param name="options">The options of the checkpoint that is meant.</param>
    /// <param name="cancellationToken">Stops the look.</param>
    /// <returns>
    /// What was found, obstacles first. The checkpoint would be taken if none of it is an obstacle
    /// (<see cref="PreflightFinding.IsObstacle"/>), as far as can be told without doing it.
    /// </returns>
    /// <exception cref="StasisException">The options exclude each other, or an image name or a recipient is invalid.</exception>
    /// <exception cref="NotFoundException">There is no such container.</exception>
    /// <exception cref="InvalidStateException">The container is not running.</exception>
    public async Task<IReadOnlyList<PreflightFinding>> PreflightAsync(
        string nameOrId, CheckpointOptions options, CancellationToken cancellationToken = default)
    {
        CheckpointRequirements.RequireValid(options);
        _ = AgeKeyFiles.ReadRecipients(options.Encrypt);
        using var container = await _engine.Containers.LockAsync(nameOrId, TransitionVerb.Checkpoint, cancellationToken);
        return await CheckpointPreflight.LookAsync(container, options, cancellationToken);
    }
}
