using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// An archive's file that this process reads. Others that are given the same file wait until this is disposed, and then find the
/// checkpoint that it holds, if that was recorded.
/// </summary>
internal sealed class ArchiveFileLock : IDisposable
{
    private readonly FileLock _lock;
    private FileStatus? _status;
    private bool _isReleased;

    private ArchiveFileLock(FileLock held, in FileStatus status) => (_lock, _status) = (held, status);

    /// <summary>Waits for others that read the file.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="status">The file, before it is read.</param>
    /// <param name="cancellation">Ends waiting.</param>
    public static async Task<ArchiveFileLock> AcquireAsync(StasisEngine engine, FileStatus status, CancellationToken cancellation)
    {
        var path = engine.Layout.ArchiveLock(status.ContainingDevice, status.Inode);
        return new ArchiveFileLock(await engine.Log.Locks.AcquireAsync(path, shared: false, cancellation), status);
    }

    /// <summary>Has the file forgotten, unless it provably didn't change while it was read.</summary>
    /// <param name="now">The file, after it was read.</param>
    /// <param name="begun">When reading began.</param>
    public void ForgetIfChanged(in FileStatus now, DateTimeOffset begun)
    {
        if (_status is { } before && (now != before || !FileUnchangedCheck.IsSettled(before, begun)))
            _status = null;
    }

    /// <summary>Has <see cref="Record"/> do nothing: nobody is to find the checkpoint by this file.</summary>
    public void Forget() => _status = null;

    /// <summary>Records which checkpoint the file holds, so that it needn't be read again.</summary>
    public void Record(CheckpointStore store, string id)
    {
        if (_status is { } status)
            store.Remember(status, id);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isReleased)
            return;
        _isReleased = true; // once removed, the lock's file may be another process's
        _lock.Remove();
        _lock.Dispose();
    }
}
