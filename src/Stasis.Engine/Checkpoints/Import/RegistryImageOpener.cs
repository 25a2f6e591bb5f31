using System.Text;
using System.Text.Json;
using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// Opens a checkpoint image on a registry without its memory pages, which a page server reads while the container runs. It is in the store
/// afterwards, and isn't read again.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="source">The image.</param>
/// <param name="limits">How large it may be.</param>
/// <param name="purpose">What it is opened for.</param>
internal sealed class RegistryImageOpener(
    StasisEngine engine, CheckpointSource.RegistryImage source, ArchiveLimits limits, OpenPurpose purpose)
{
    // Of another repository, the same image is another checkpoint: who can remove it there mustn't end what others have fetched elsewhere.
    private string Id => Digests.Hex(Digests.Compute(Encoding.UTF8.GetBytes($"{source.Name.Repository()}@{source.Name.Digest}")));

    /// <summary>Opens it; null if it has to be pulled as a whole.</summary>
    /// <param name="cancellation">If cancelled, everything made so far is removed.</param>
    /// <exception cref="ArchiveException">It isn't a checkpoint.</exception>
    public async Task<OpenedCheckpoint?> TryOpenAsync(CancellationToken cancellation)
    {
        if (purpose == OpenPurpose.Exclusive)
            return null;
        var alone = await engine.Log.Locks.AcquireAsync(engine.Layout.RegistryImageLock(Id), shared: false, cancellation);
        OpenedCheckpoint? opened = null;
        try
        {
            opened = await FindAsync(cancellation);
            if (opened is null && purpose is OpenPurpose.Lazy or OpenPurpose.LazyIfLarge)
                return opened = await TryReadAsync(alone, cancellation);
            return opened;
        }
        finally
        {
            if (opened is not LazyCheckpoint)
            {
                alone.Remove();
                alone.Dispose();
            }
        }
    }

    // One that was opened before.
    private async Task<OpenedCheckpoint?> FindAsync(CancellationToken cancellation)
    {
        if (engine.CheckpointStore.FindByArchive(Id) is not { } known
            || await CheckpointLease.TryAcquireAsync(engine, known.Id, cancellation) is not { } held)
            return null;
        ExistingCheckpoint? found = null;
        try
        {
            return found = await ExistingCheckpoint.TryCreateAsync(engine, source, held, purpose, TryOpenLayer, cancellation);
        }
        finally
        {
            if (found is null)
                held.Dispose();
        }
    }

    private async Task<OpenedCheckpoint?> TryReadAsync(FileLock alone, CancellationToken cancellation)
    {
        if (await Task.Run(TryOpenLayer, cancellation) is not { } layer)
            return null;
        try
        {
            var (staging, _) = await StagedCheckpoint.StageAsync(engine, folder => Task.Run(
                () =>
                {
                    layer.Unpack(limits, folder, cancellation);
                    return folder;
                },
                cancellation));
            return new LazyCheckpoint(engine, source, staging, CheckpointProvenance.FromRegistry(Id), claim: null, layer) { Alone = alone };
        }
        catch
        {
            layer.Dispose();
            throw;
        }
    }

    // What a registry doesn't give in parts, skopeo may get as a whole, and otherwise says what is wrong.
    private LazyPagesLayer? TryOpenLayer()
    {
        try
        {
            return LazyPagesLayer.TryOpen(source, limits);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or JsonException
            or OperationCanceledException or TarException or StasisException)
        {
            engine.Log.Warn($"{source.DisplayName} can't be read on demand, and is pulled as a whole: {e.GetBaseException().Message}");
            return null;
        }
    }
}
