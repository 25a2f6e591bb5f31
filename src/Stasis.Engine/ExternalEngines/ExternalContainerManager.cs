using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Preflight;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;

namespace Stasis.Engine.ExternalEngines;

/// <summary>
/// Running containers of other engines. The engine isn't asked and isn't told. Stasis reads its supervising processes, the runtime's
/// state, the bundles, and the engine's layers and volumes.
/// </summary>
public sealed class ExternalContainerManager
{
    private readonly StasisEngine _engine;

    internal ExternalContainerManager(StasisEngine engine) => _engine = engine;

    /// <summary>
    /// Checkpoints a container into an archive, and leaves it running. The archive is one of Stasis's: the container has its image, its
    /// files, its named volumes and its log; of its networks, it has the default one.
    /// </summary>
    /// <param name="engine">The container's engine.</param>
    /// <param name="nameOrId">
    /// The container's name or ID there, or a unique beginning of its ID; of Kubernetes, NAMESPACE/POD/CONTAINER.
    /// </param>
    /// <param name="options">
    /// <see cref="CheckpointOptions.Export"/> must be given. Not possible are images, the store and pre-checkpoints.
    /// </param>
    /// <param name="progress">Receives each step, with the bytes done in steps that move data.</param>
    /// <param name="cancellationToken">Obeyed until the checkpoint is complete; the container then runs as before.</param>
    /// <exception cref="NotFoundException">No running container is called so.</exception>
    /// <exception cref="InvalidStateException">The container has state that a checkpoint can't hold.</exception>
    /// <exception cref="CheckpointFailedException">The dump or the archive failed. The container runs as before.</exception>
    public async Task<CheckpointResult> CheckpointAsync(
        ContainerEngine engine,
        string nameOrId,
        CheckpointOptions options,
        IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        options = RequireValid(options);
        if (options.Export is null)
            throw new StasisException("a checkpoint of another engine's container goes into an archive") { Remedy = "use --export FILE" };
        var recipients = AgeKeyFiles.ReadRecipients(options.Encrypt);
        var found = await ExternalContainerFinder.FindAsync(engine, nameOrId, cancellationToken);
        return await new ExternalCheckpoint(_engine, found).RunAsync(options, recipients, progress, cancellationToken);
    }

    /// <summary>As <see cref="CheckpointManager.PreflightAsync"/>, of another engine's container.</summary>
    /// <param name="engine">The container's engine.</param>
    /// <param name="nameOrId">As for <see cref="CheckpointAsync"/>.</param>
    /// <param name="options">The options of the checkpoint that is meant.</param>
    /// <param name="cancellationToken">Stops the look.</param>
    /// <exception cref="NotFoundException">No running container is called so.</exception>
    public async Task<IReadOnlyList<PreflightFinding>> PreflightAsync(
        ContainerEngine engine, string nameOrId, CheckpointOptions options, CancellationToken cancellationToken = default)
    {
        options = RequireValid(options);
        var found = await ExternalContainerFinder.FindAsync(engine, nameOrId, cancellationToken);
        return await new ExternalCheckpoint(_engine, found).LookAsync(options, cancellationToken);
    }

    private static CheckpointOptions RequireValid(CheckpointOptions options)
    {
        CheckpointRequirements.RequireValid(options);
        if (options.CreateImage is not null || options.Store || options.PreCheckpoint || options.WithPrevious)
        {
            throw new StasisException("of another engine's container, there are neither images nor pre-checkpoints")
            {
                Remedy = "write an archive: it can be pushed to a registry as an image",
            };
        }
        return options with { LeaveRunning = true };
    }
}
