using Stasis.Engine.Errors;
using Stasis.Engine.LazyPages.Server;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// A page server's hold on a checkpoint that it completes: meanwhile the checkpoint can't be removed, and others know that it is being
/// completed. If the server is killed, the next command sees so by the staging folder, and removes the checkpoint if no container uses it.
/// </summary>
internal sealed class BackfillLease : IDisposable
{
    private readonly StasisEngine _engine;
    private readonly BackfillRequest _request;
    private readonly StagingFolder _staging;
    private readonly FileLock _held;

    private BackfillLease(StasisEngine engine, BackfillRequest request, StagingFolder staging, FileLock held) =>
        (_engine, _request, _staging, _held) = (engine, request, staging, held);

    /// <summary>Takes hold of the checkpoint; null if it was removed.</summary>
    public static BackfillLease? Begin(StasisEngine engine, BackfillRequest request)
    {
        var staging = StagingFolder.Create(engine.Layout);
        if (engine.CheckpointStore.AcquireAsync(request.Id, CancellationToken.None).GetAwaiter().GetResult() is { } held)
            return new BackfillLease(engine, request, staging, held);
        staging.Dispose();
        return null;
    }

    /// <summary>Opens the reader of the archive's memory pages.</summary>
    public ArchivePagesReader Open(string images) =>
        new(_request.IsOnRegistry ? RegistryPagesArchive.Open(_request.Archive) : new LeasedArchive(_request.Archive), images);

    /// <summary>Records that the checkpoint is complete, and lets those go on that wait for it.</summary>
    public void Complete()
    {
        try
        {
            _engine.CheckpointStore.Complete(_request.Id);
        }
        catch (StasisException) when (_engine.CheckpointStore.IsComplete(_request.Id))
        {
            // The database can't be written to, e.g. since the disk is full. The checkpoint goes with its last container then, and its
            // archive is read again. That is no reason to end containers.
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
            File.Delete(_engine.Layout.BackfillLock(_request.Id));
        _request.Lock.Dispose();
        _held.Dispose();
        _staging.Dispose();
    }
}
