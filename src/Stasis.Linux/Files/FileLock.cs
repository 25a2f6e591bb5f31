using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;
using Stasis.Linux.Processes;

namespace Stasis.Linux.Files;

/// <summary>A lock on a file (flock(2)), held by the open file: the kernel releases it when the process ends, however it ends.</summary>
public sealed class FileLock : IDisposable
{
    private readonly string _path;

    private readonly SafeFileHandle _handle;
    private bool _isInherited;

    private FileLock(string path, SafeFileHandle handle) => (_path, _handle) = (path, handle);

    /// <summary>
    /// The open file that holds the lock, for a child that inherits it (<see cref="SpawnOptions.Descriptors"/>): that holds the lock too,
    /// until both processes have closed the file or ended.
    /// </summary>
    public SafeFileHandle Inherit()
    {
        _isInherited = true;
        return _handle;
    }

    /// <summary>
    /// Waits for the lock and takes it. Creates the file (mode 0600) and its folder if they are missing. The process that came
    /// first gets the lock first; but a shared lock that others share is given at once, also to a process that holds one already.
    /// </summary>
    /// <param name="path">The lock's file.</param>
    /// <param name="shared">Whether others may share the lock.</param>
    /// <param name="cancellation">Ends waiting.</param>
    /// <param name="waits">Called if the lock has to be waited for.</param>
    public static async Task<FileLock> AcquireAsync(
        string path, bool shared, CancellationToken cancellation, Action? waits = null)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Take(path, Operation(shared) | Libc.LOCK_NB, yields: !shared) is { } free)
            return free;
        waits?.Invoke();
        var place = LockQueue.NextPlace();
        // flock(2) can't be cancelled. After a cancellation its thread waits on, and releases the lock as soon as it gets it.
        var waiting = Task.Factory.StartNew(
            () => Wait(path, shared, place),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            return await waiting.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            _ = waiting.ContinueWith(
                static done => done.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Takes the lock if it is free, also before others that wait; null if another process or another handle has it.</summary>
    public static FileLock? TryAcquire(string path, bool shared = false) => Take(path, Operation(shared) | Libc.LOCK_NB, yields: false);

    /// <summary>
    /// Deletes the lock's file, of a lock that is exclusive and no longer needed. Processes that wait for the lock, or have just
    /// opened the file, notice that it was deleted and create another.
    /// </summary>
    public void Remove() => File.Delete(_path);

    // A process keeps its place when the file that it waited at was deleted.
    private static FileLock Wait(string path, bool shared, long place)
    {
        while (true)
        {
            var handle = Open(path);
            try
            {
                place = LockQueue.Enter(handle, place);
                LockQueue.WaitForTurn(handle, place);
                if (!Lock(handle, Operation(shared), path))
                    throw new UnreachableException();
                LockQueue.Leave(handle, place);
                if (IsNamed(handle, path))
                    return new FileLock(path, handle);
            }
            catch
            {
                handle.Dispose();
                throw;
            }
            handle.Dispose();
        }
    }

    // With "yields", null too if others wait.
    private static FileLock? Take(string path, int operation, bool yields)
    {
        while (true)
        {
            var handle = Open(path);
            try
            {
                if (!Lock(handle, operation, path) || (yields && !LockQueue.IsEmpty(handle)))
                {
                    handle.Dispose();
                    return null;
                }
                if (IsNamed(handle, path))
                    return new FileLock(path, handle);
            }
            catch
            {
                handle.Dispose();
                throw;
            }
            handle.Dispose();
        }
    }

    private static bool Lock(SafeFileHandle handle, int operation, string path)
    {
        while (Libc.flock(handle, operation) != 0)
        {
            if (LinuxException.LastErrno == Errno.EINTR)
                continue;
            var error = LinuxException.Last("flock", path);
            return error.Errno == Errno.EAGAIN ? false : throw error;
        }
        return true;
    }

    // The file may have been deleted since it was opened: such a lock guards nothing.
    private static bool IsNamed(SafeFileHandle handle, string path)
    {
        var (ours, named) = (FileStatus.Read(handle), FileStatus.TryRead(path));
        return named is { } there && (there.Inode, there.ContainingDevice) == (ours.Inode, ours.ContainingDevice);
    }

    private static int Operation(bool shared) => shared ? Libc.LOCK_SH : Libc.LOCK_EX;

    private static SafeFileHandle Open(string path)
    {
        var flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC | Libc.O_NOFOLLOW;
        var handle = Libc.open(path, flags, 0x180);
        if (handle.IsInvalid && LinuxException.LastErrno == Errno.ENOENT)
        {
            handle.Dispose();
            PrivateDirectory.Create(Path.GetDirectoryName(path)!);
            handle = Libc.open(path, flags, 0x180);
        }

        return handle.IsInvalid ? throw LinuxException.Last("open", path) : handle;
    }

    /// <summary>Releases the lock, unless it was given to a child.</summary>
    public void Dispose()
    {
        // A child that another thread is starting has a copy of each descriptor until it executes its program: closing isn't enough.
        if (!_isInherited && !_handle.IsClosed)
            _ = Libc.flock(_handle, Libc.LOCK_UN);
        _handle.Dispose();
    }
}
