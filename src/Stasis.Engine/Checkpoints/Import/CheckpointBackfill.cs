using Stasis.Engine.Errors;
using Stasis.Engine.LazyPages.Server;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// A page server's hold on a checkpoint that isn't whole yet: it can't be removed meanwhile, and others know that somebody is at it. Should the server be killed, the next command sees that by the staging
/// folder, and removes the checkpoint if no container uses it.
/// </summary>
internal sealed class CheckpointBackfill : IDisposable
{
    private readonly StasisEngine _engine;
    private readonly BackfillRequest _request;
    private readonly StagingFolder _staging;
    private readonly FileLock _held;

    private CheckpointBackfill(StasisEngine engine, BackfillRequest request, StagingFolder staging, FileLock held) => (_engine, _request, _staging, _held) = (engine, request, staging, held);

    /// <summary>Takes hold of it; null if it is gone.</summary>
    public static CheckpointBackfill? Begin(StasisEngine engine, BackfillRequest request)
    {
        var staging = StagingFolder.Create(engine.Layout);
        if (engine.CheckpointStore.AcquireAsync(request.Id, CancellationToken.None).GetAwaiter().GetResult() is { } held)
            return new CheckpointBackfill(engine, request, staging, held);
        staging.Dispose();
        return null;
    }

    /// <summary>Opens what reads it.</summary>
    public PagesBackfill Open(string images) => new(_request.Archive, images);

    /// <summary>It is whole: others needn't wait any more.</summary>
    public void Complete()
    {
        try
        {
            _engine.CheckpointStore.Complete(_request.Id);
        }
        catch (StasisException) when (_engine.CheckpointStore.IsComplete(_request.Id))
        {
            // The database can't be written to, e.g. the disk is full: it goes with its last container, and its archive is read again then. That is no reason to end containers.
        }
        Release();
    }

    public void Dispose()
    {
        Release();
        _engine.CheckpointStore.Release(_request.Id, container: "");
    }

    private void Release()
    {
        if (!_request.Lock.IsClosed)
            File.Delete(_engine.Layout.FillingLock(_request.Id));
        _request.Lock.Dispose();
        _held.Dispose();
        _staging.Dispose();
    }
}
