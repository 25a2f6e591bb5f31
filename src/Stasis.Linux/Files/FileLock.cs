using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;
using Stasis.Linux.Processes;

namespace Stasis.Linux.Files;

/// <summary>A lock on a file (flock(2)), held by the open file: the kernel releases it when the process ends, however it ends.</summary>
public sealed class FileLock : IDisposable
{
    private readonly string _path;

    private FileLock(string path, SafeFileHandle handle) => (_path, Handle) = (path, handle);

    /// <summary>
    /// The open file that holds the lock. A child that inherits it (<see cref="SpawnOptions.Descriptors"/>) holds the lock too, until both
    /// processes have closed it or ended.
    /// </summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Waits for the lock and takes it. Creates the file (mode 0600) and its folder if they are missing.</summary>
    public static async Task<FileLock> AcquireAsync(string path, bool shared, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (TryAcquire(path, shared) is { } free)
            return free;
        // flock(2) can't be cancelled. After a cancellation its thread waits on, and releases the lock as soon as it gets it.
        var waiting = Task.Factory.StartNew(
            () => Acquire(path, shared),
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

    /// <summary>Takes the lock if it is free; null if another process or another handle has it.</summary>
    public static FileLock? TryAcquire(string path, bool shared = false) => Take(path, Operation(shared) | Libc.LOCK_NB);

    /// <summary>
    /// Deletes the lock's file, of a lock that is exclusive and no longer needed. Processes that wait for the lock, or have just
    /// opened the file, notice that it was deleted and create another.
    /// </summary>
    public void Remove() => File.Delete(_path);

    private static FileLock Acquire(string path, bool shared) => Take(path, Operation(shared))!;

    private static FileLock? Take(string path, int operation)
    {
        while (true)
        {
            var handle = Open(path);
            while (Libc.flock(handle, operation) != 0)
            {
                if (LinuxException.LastErrno == Errno.EINTR)
                    continue;
                var error = LinuxException.Last("flock", path);
                handle.Dispose();
                return error.Errno == Errno.EAGAIN ? null : throw error;
            }
            // The file may have been deleted between the two calls, or while this thread waited: such a lock guards nothing.
            var (ours, named) = (FileStatus.Read(handle), FileStatus.TryRead(path));
            if (named is { } there && (there.Inode, there.ContainingDevice) == (ours.Inode, ours.ContainingDevice))
                return new FileLock(path, handle);
            handle.Dispose();
        }
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

    /// <summary>Releases the lock, unless a child has inherited it.</summary>
    public void Dispose() => Handle.Dispose();
}
