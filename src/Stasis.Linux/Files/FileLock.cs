using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;
using Stasis.Linux.Processes;

namespace Stasis.Linux.Files;

/// <summary>Whole-file locks (flock(2)), held by the open file: gone when the process ends, however it ends.</summary>
public sealed class FileLock : IDisposable
{
    private readonly string _path;

    private FileLock(string path, SafeFileHandle handle) => (_path, Handle) = (path, handle);

    /// <summary>
    /// The open file that holds the lock. A child that is given it (<see cref="SpawnOptions.Descriptors"/>) holds the lock on until it ends too,
    /// even if this process is killed.
    /// </summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Takes the lock, waiting for it. Makes the file (0600) and its folder if missing.</summary>
    public static async Task<FileLock> AcquireAsync(string path, bool shared, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (TryAcquire(path, shared) is { } free)
            return free;
        // flock(2) can't be called off: whoever stops waiting leaves it to its thread, which gives the lock back as soon as it has it.
        var waiting = Task.Factory.StartNew(() => Block(path, shared), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await waiting.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            _ = waiting.ContinueWith(static done => done.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Takes the lock if nobody has it; null otherwise.</summary>
    public static FileLock? TryAcquire(string path, bool shared = false) => Take(path, Operation(shared) | Libc.LOCK_NB);

    /// <summary>
    /// Removes the file, of a lock that isn't shared and is not needed any more. Who waits for it, or has just opened the file, will not take this one for the
    /// lock, but make another.
    /// </summary>
    public void Remove() => File.Delete(_path);

    private static FileLock Block(string path, bool shared) => Take(path, Operation(shared))!;

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
            // Removed between the two calls, or while we waited, it guards nothing.
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
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            handle = Libc.open(path, flags, 0x180);
        }

        return handle.IsInvalid ? throw LinuxException.Last("open", path) : handle;
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => Handle.Dispose();
}
