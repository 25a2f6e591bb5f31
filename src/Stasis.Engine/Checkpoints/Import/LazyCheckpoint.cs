using System.Text;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// A checkpoint whose memory pages are still in its archive: everything else is in a staging folder. When it is committed, a page server
/// begins to read the pages into the store, while containers run that are made from it.
/// </summary>
internal sealed class LazyCheckpoint : StagedCheckpoint
{
    private readonly LazyPagesSource _archive;
    private FileLock? _backfillLock;

    /// <param name="engine">The engine.</param>
    /// <param name="source">Where it was opened from.</param>
    /// <param name="staging">
    /// The folder whose <see cref="StagedCheckpoint.FolderIn"/> holds the files; it belongs to this object from here on.
    /// </param>
    /// <param name="content">What is known of the files; the ID is the SHA-256 of the archive, or of an image's manifest.</param>
    /// <param name="claim">The archive's file, if it is one; it belongs to this object from here on.</param>
    /// <param name="archive">The archive that holds the pages; likewise.</param>
    public LazyCheckpoint(
        StasisEngine engine,
        CheckpointSource source,
        StagingFolder staging,
        CheckpointProvenance content,
        ArchiveFileLock? claim,
        LazyPagesSource archive)
        : base(engine, source, staging, content, claim) => _archive = archive;

    /// <summary>The lock of who opens the same image of a registry; it belongs to this object.</summary>
    public FileLock? Alone { get; init; }

    /// <inheritdoc/>
    protected override bool IsComplete => false;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _backfillLock?.Dispose();
        _archive.Dispose();
        Alone?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task PrepareAsync(string wanted, CancellationToken cancellation)
    {
        // From the moment when others can see the checkpoint, they see that it isn't complete, and that somebody completes it.
        _backfillLock = await Engine.Log.Locks.AcquireAsync(Engine.Layout.BackfillLock(wanted), shared: false, cancellation);
        AtomicFile.Write(Layout.GetBackfillMarker(Folder.Path), Encoding.ASCII.GetBytes(wanted), durable: false);
    }

    /// <inheritdoc/>
    protected override async Task SupplyPagesAsync(string wanted, string id, CancellationToken cancellation)
    {
        if (_backfillLock is { } prepared && id != wanted)
        {
            // The store gave it another ID, whose pages somebody else may supply.
            prepared.Remove();
            prepared.Dispose();
            _backfillLock = FileLock.TryAcquire(Engine.Layout.BackfillLock(id));
        }
        if (_backfillLock is { } filling)
            await new PendingPages(Engine, id, _archive, filling).StartPageServerAsync(cancellation);
        Alone?.Remove();
        Alone?.Dispose();
    }
}
