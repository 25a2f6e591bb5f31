using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>A checkpoint in the store that can't be removed until this is disposed.</summary>
internal sealed class CheckpointLease : IDisposable
{
    private readonly StasisEngine _engine;
    private readonly FileLock _lock;

    private CheckpointLease(StasisEngine engine, string id, FileLock held) => (_engine, Id, _lock) = (engine, id, held);

    /// <summary>Its ID.</summary>
    public string Id { get; }

    /// <summary>Its files, read-only.</summary>
    public CheckpointEntryPaths Folder => new(_engine.Layout.Checkpoint(Id));

    /// <summary>Takes hold of a checkpoint; null if there is none of that ID, or it may not have got to the disk.</summary>
    public static async Task<CheckpointLease?> TryAcquireAsync(StasisEngine engine, string id, CancellationToken cancellation) =>
        await engine.CheckpointStore.AcquireAsync(id, cancellation) is { } held ? new CheckpointLease(engine, id, held) : null;

    /// <summary>As <see cref="TryAcquireAsync"/>, of a checkpoint that was in the store a moment ago.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="id">Its ID.</param>
    /// <param name="title">Its name in the error.</param>
    /// <param name="cancellation">Ends waiting for another command's removal.</param>
    /// <exception cref="NotFoundException">It was removed since.</exception>
    public static async Task<CheckpointLease> AcquireAsync(
        StasisEngine engine, string id, string title, CancellationToken cancellation) =>
        await TryAcquireAsync(engine, id, cancellation)
            ?? throw new NotFoundException($"{title} was removed from the store meanwhile");

    /// <summary>Returns when it is on disk, and counts as used now.</summary>
    public void Persist()
    {
        _engine.CheckpointStore.Persist(Id);
        _engine.CheckpointStore.Use(Id, durable: true);
    }

    /// <summary>Disposes it, and removes it from the store if no container uses it and it isn't kept without one.</summary>
    public void DisposeAndPrune()
    {
        Dispose(); // a removal needs the lock for itself
        _engine.CheckpointStore.Release(Id, container: "");
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
