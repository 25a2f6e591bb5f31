using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>
/// The kernel's promise that an open file isn't written to (fcntl(2), F_SETLEASE with F_RDLCK): who opens it for writing, or shortens it, waits until this is given back, or for
/// /proc/sys/fs/lease-break-time (45 s). It belongs to the open file, and goes on to a child that is given that.
/// </summary>
public static class FileLease
{
    /// <summary>Takes it. False where the file is open for writing, or its file system has no leases.</summary>
    /// <param name="file">Open for reading alone.</param>
    public static bool TryTake(SafeFileHandle file) =>
        // Whoever took it is told by a signal that somebody waits: by one that does nothing, in place of SIGIO, which kills.
        Libc.fcntl(file, Libc.F_SETSIG, Libc.SIGURG) == 0 && Libc.fcntl(file, Libc.F_SETLEASE, Libc.F_RDLCK) == 0;

    /// <summary>Somebody waits for it to be given back, or has stopped waiting.</summary>
    public static bool IsWanted(SafeFileHandle file) => Libc.fcntl(file, Libc.F_GETLEASE, 0) != Libc.F_RDLCK;

    /// <summary>Gives it back. False if it was lost before: the file may have been written to.</summary>
    public static bool GiveBack(SafeFileHandle file) => Libc.fcntl(file, Libc.F_SETLEASE, Libc.F_UNLCK) == 0;
}
