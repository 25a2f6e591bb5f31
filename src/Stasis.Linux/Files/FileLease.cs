using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>
/// A read lease on an open file (fcntl(2), F_SETLEASE with F_RDLCK): opening the file for writing, or truncating it, blocks until
/// the lease is released, or for /proc/sys/fs/lease-break-time (45 s). The lease belongs to the open file, and so to each
/// descriptor of it, in children too.
/// </summary>
public static class FileLease
{
    /// <summary>Takes a lease. False if the file is open for writing anywhere, or its file system has no leases.</summary>
    /// <param name="file">The file, open for reading only.</param>
    public static bool TryAcquire(SafeFileHandle file) =>
        // The kernel signals the holder when the lease is to be broken: with SIGURG, which is ignored, in place of SIGIO, which kills.
        Libc.fcntl(file, Libc.F_SETSIG, Libc.SIGURG) == 0 && Libc.fcntl(file, Libc.F_SETLEASE, Libc.F_RDLCK) == 0;

    /// <summary>Whether another process has tried to open the file for writing since: it may still wait.</summary>
    public static bool IsBreaking(SafeFileHandle file) => Libc.fcntl(file, Libc.F_GETLEASE, 0) != Libc.F_RDLCK;

    /// <summary>Releases the lease. False if the kernel has broken it before: the file may have been written to.</summary>
    public static bool Release(SafeFileHandle file) => Libc.fcntl(file, Libc.F_SETLEASE, Libc.F_UNLCK) == 0;
}
