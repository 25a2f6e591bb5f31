using Stasis.Engine.Archive;
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
    public CheckpointFolder Folder => new(_engine.Layout.Checkpoint(Id));

    /// <summary>Takes hold of a checkpoint; null if there is none of that ID, or it may not have got to the disk.</summary>
    public static async Task<CheckpointLease?> TryAcquireAsync(StasisEngine engine, string id, CancellationToken cancellation) =>
        await engine.CheckpointStore.AcquireAsync(id, cancellation) is { } held ? new CheckpointLease(engine, id, held) : null;

    /// <summary>Returns when it is on disk, and counts as used now.</summary>
    public void Persist()
    {
        _engine.CheckpointStore.Persist(Id);
        _engine.CheckpointStore.Use(Id, durable: true);
    }

    /// <summary>Disposes it, and removes it from the store if no container uses it and it isn't kept without one.</summary>
    public void Release()
    {
        Dispose(); // a removal needs the lock for itself
        _engine.CheckpointStore.Release(Id, container: "");
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
