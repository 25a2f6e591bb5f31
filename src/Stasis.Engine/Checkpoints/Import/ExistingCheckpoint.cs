using Stasis.Engine.Archive;
using Stasis.Engine.Formats.Ssh;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>A checkpoint that was in the store already: nothing was read.</summary>
internal sealed class ExistingCheckpoint : OpenedCheckpoint
{
    private readonly CheckpointLease _held;
    private readonly PendingPages? _pages;

    /// <param name="engine">The engine.</param>
    /// <param name="source">Where it was opened from.</param>
    /// <param name="held">The checkpoint in the store, which belongs to this object from here on.</param>
    /// <param name="pages">What this process has to supply of it; null if it is complete, or another process supplies the rest.</param>
    public ExistingCheckpoint(StasisEngine engine, CheckpointSource source, CheckpointLease held, PendingPages? pages = null)
        : base(engine, source) => (_held, _pages) = (held, pages);

    /// <inheritdoc/>
    public override CheckpointEntryPaths Folder => _held.Folder;

    /// <inheritdoc/>
    public override bool IsLocal => Engine.CheckpointStore.FindById(_held.Id) is { } stored && WasWrittenHere(Engine, stored);

    /// <summary>Whether memory pages are missing that this process has to supply.</summary>
    public bool HasPendingPages => _pages is not null;

    /// <summary>As <see cref="OpenedCheckpoint.IsLocal"/>, of a checkpoint in the store.</summary>
    public static bool WasWrittenHere(StasisEngine engine, StoredCheckpoint stored) => stored.Origin switch
    {
        CheckpointOrigin.Container => true,
        CheckpointOrigin.Image => engine.LocalArchives.Contains($"image:{stored.Id}"),
        // The checkpoint may become complete between the two look-ups. Its ID is then the archive's digest.
        _ => engine.LocalArchives.Contains($"sha256:{stored.Digest ?? engine.CheckpointStore.FindDigestBeingRead(stored.Id) ?? stored.Id}"),
    };

    /// <summary>
    /// Makes a checkpoint in the store usable for a mode: waits until it is complete, or takes over supplying its memory pages. Null if
    /// it is incomplete and can't be completed; <paramref name="held"/> then still belongs to the caller.
    /// </summary>
    /// <param name="engine">The engine.</param>
    /// <param name="source">Where it is opened from.</param>
    /// <param name="held">The checkpoint in the store.</param>
    /// <param name="mode">What it is opened for.</param>
    /// <param name="openArchive">Opens its archive to read pages from; null if that can't be done.</param>
    /// <param name="cancellation">Ends waiting.</param>
    public static async Task<ExistingCheckpoint?> TryCreateAsync(
        StasisEngine engine,
        CheckpointSource source,
        CheckpointLease held,
        OpenPurpose mode,
        Func<LazyPagesSource?> openArchive,
        CancellationToken cancellation)
    {
        var store = engine.CheckpointStore;
        if (store.IsComplete(held.Id))
            return new ExistingCheckpoint(engine, source, held);
        if (mode is not (OpenPurpose.Lazy or OpenPurpose.LazyIfLarge))
            return await store.WaitUntilCompleteAsync(held.Id, cancellation) ? new ExistingCheckpoint(engine, source, held) : null;
        if (FileLock.TryAcquire(engine.Layout.BackfillLock(held.Id)) is not { } filling)
            return new ExistingCheckpoint(engine, source, held); // another process supplies its pages
        if (!store.IsComplete(held.Id) && openArchive() is { } archive)
            return new ExistingCheckpoint(engine, source, held, new PendingPages(engine, held.Id, archive, filling));
        filling.Remove();
        filling.Dispose();
        return store.IsComplete(held.Id) ? new ExistingCheckpoint(engine, source, held) : null;
    }

    /// <inheritdoc/>
    public override async Task<CheckpointLease> CommitAsync(ContainerConfig config, bool durable, CancellationToken cancellation)
    {
        if (_pages is not null)
            await _pages.StartPageServerAsync(cancellation);
        if (durable)
            _held.Persist();
        return _held;
    }

    /// <inheritdoc/>
    public override void Abandon()
    {
        _pages?.Dispose();
        _held.DisposeAndPrune();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _pages?.Dispose();
        _held.Dispose();
    }

    /// <inheritdoc/>
    protected override bool IsSignatureSatisfied(TrustedSigners signers)
    {
        if (Engine.CheckpointStore.FindById(_held.Id) is not { Origin: CheckpointOrigin.Archive } stored)
            return IsLocal;
        return stored.Signer is { } key && signers.NameOf(SshPublicKey.Parse(key)) is not null;
    }
}
