using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// Memory pages of a checkpoint in the store that are still in its archive, and that this process has a page server read. By the lock,
/// other processes see that somebody does.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="id">The checkpoint, which is held.</param>
/// <param name="archive">The archive; it belongs to this object from here on.</param>
/// <param name="filling">The checkpoint's <see cref="Storage.Layout.BackfillLock"/>, held; likewise.</param>
internal sealed class PendingPages(StasisEngine engine, string id, LazyPagesSource archive, FileLock filling) : IDisposable
{
    /// <summary>
    /// Starts the page server, which holds lock and archive from then on; does nothing if the checkpoint has become complete.
    /// </summary>
    /// <exception cref="StasisException">An earlier page server of the checkpoint doesn't end.</exception>
    public async Task StartPageServerAsync(CancellationToken cancellation)
    {
        FaultPoint.Hit("store.filling");
        if (engine.CheckpointStore.IsComplete(id))
        {
            filling.Remove();
            filling.Dispose();
            return;
        }
        await LazyRestore.StartBackfillAsync(engine, id, archive, filling, cancellation);
        archive.HandOver();
        filling.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        filling.Dispose();
        archive.Dispose();
    }
}
