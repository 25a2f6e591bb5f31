using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>
/// sys/syscall.h: calls that the oldest supported C library (2.36) has no function for. Their numbers are the same on all
/// architectures.
/// </summary>
internal static unsafe partial class Libc
{
    private const nint SYS_pidfd_send_signal = 424;
    private const nint SYS_pidfd_open = 434;
    private const nint SYS_openat2 = 437;
    private const nint SYS_pidfd_getfd = 438;
    private const nint SYS_fchmodat2 = 452;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d);

    internal static SafeFileHandle pidfd_open(int pid) => new(Syscall(SYS_pidfd_open, pid, 0, 0, 0), ownsHandle: true);

    internal static int pidfd_send_signal(SafeFileHandle pidfd, int signal)
    {
        using var held = new Borrowed(pidfd);
        return (int)Syscall(SYS_pidfd_send_signal, held.Fd, signal, 0, 0);
    }

    internal static SafeFileHandle pidfd_getfd(SafeFileHandle pidfd, int descriptor)
    {
        using var held = new Borrowed(pidfd);
        return new(Syscall(SYS_pidfd_getfd, held.Fd, descriptor, 0, 0), ownsHandle: true);
    }

    internal static SafeFileHandle openat2(SafeFileHandle directory, ReadOnlySpan<byte> path, in OpenHow how)
    {
        using var held = new Borrowed(directory);
        fixed (byte* p = path)
        fixed (OpenHow* h = &how)
            return new(Syscall(SYS_openat2, held.Fd, (nint)p, (nint)h, sizeof(OpenHow)), ownsHandle: true);
    }

    /// <summary>
    /// chmod without following symbolic links: fchmodat2(2) since Linux 6.6; before, the C library's emulation through /proc.
    /// </summary>
    internal static int fchmodat_nofollow(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode)
    {
        using var held = new Borrowed(directory);
        fixed (byte* p = name)
        {
            var result = (int)Syscall(SYS_fchmodat2, held.Fd, (nint)p, (nint)mode, AT_SYMLINK_NOFOLLOW);
            if (result == 0 || LinuxException.LastErrno != Errno.ENOSYS)
                return result;
        }

        return fchmodat(directory, name, mode, AT_SYMLINK_NOFOLLOW);
    }
}
