using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>
/// The processes that wait for a <see cref="FileLock"/>, in the order in which they came. flock(2) has no such order: whoever asks
/// in the instant in which the lock is free gets it, and on a busy machine one that has just been woken never is the first.
/// A waiter's place is a lock of its open file on one byte of the lock's file (fcntl(2), F_OFD_SETLK), whose offset is the time at
/// which it came. The kernel takes the place away when the process ends, however it ends.
/// </summary>
internal static class LockQueue
{
    /// <summary>A place behind all that were taken before, in the queue of any file.</summary>
    public static long NextPlace() => Stopwatch.GetTimestamp(); // CLOCK_MONOTONIC: the same for all processes

    /// <summary>Whether nobody waits.</summary>
    public static bool IsEmpty(SafeFileHandle file) => FindBefore(file, long.MaxValue) is null;

    /// <summary>Takes a place, or the next that is free. Returns the place.</summary>
    public static long Enter(SafeFileHandle file, long place)
    {
        while (!TrySet(file, Libc.F_OFD_SETLK, Libc.F_WRLCK, place))
            place++;
        return place;
    }

    /// <summary>Waits until nobody is in front.</summary>
    public static void WaitForTurn(SafeFileHandle file, long place)
    {
        while (FindBefore(file, place) is { } other)
        {
            // Shared, so that all that wait for the same place go on at once, and nobody takes them for waiters.
            _ = TrySet(file, Libc.F_OFD_SETLKW, Libc.F_RDLCK, other);
            Leave(file, other);
        }
    }

    /// <summary>Gives a place up.</summary>
    public static void Leave(SafeFileHandle file, long place) => _ = TrySet(file, Libc.F_OFD_SETLK, Libc.F_UNLCK, place);

    private static long? FindBefore(SafeFileHandle file, long place)
    {
        var range = new Libc.RangeLock { Type = Libc.F_RDLCK, Start = 0, Length = place };
        if (Libc.fcntl(file, Libc.F_OFD_GETLK, ref range) != 0)
            throw LinuxException.Last("fcntl");
        return range.Type == Libc.F_UNLCK ? null : range.Start;
    }

    private static bool TrySet(SafeFileHandle file, int command, short type, long place)
    {
        while (true)
        {
            var range = new Libc.RangeLock { Type = type, Start = place, Length = 1 };
            if (Libc.fcntl(file, command, ref range) == 0)
                return true;
            if (LinuxException.LastErrno is Errno.EAGAIN or Errno.EACCES)
                return false;
            if (LinuxException.LastErrno != Errno.EINTR)
                throw LinuxException.Last("fcntl");
        }
    }
}
