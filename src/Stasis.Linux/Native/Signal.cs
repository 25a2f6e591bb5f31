using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>signal.h, sys/pidfd.h, sys/wait.h.</summary>
internal static unsafe partial class Libc
{
    internal const int P_PIDFD = 3;
    internal const int WNOHANG = 1;
    internal const int WEXITED = 4;
    internal const int CLD_EXITED = 1;

    /// <summary>sigset_t: 1024 bits.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    internal struct SignalSet { private long _first; }

    /// <summary>siginfo_t as waitid(2) fills it.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    internal struct SignalInfo
    {
        public int Signal;
        public int Error;
        public int Code;
        public int Padding;
        public int Pid;
        public uint Uid;
        public int Status;
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitid(int idType, SafeFileHandle pidfd, SignalInfo* info, int options);

    // glibc has names for these two only since 2.36's successors; the numbers are the same on every architecture.
    private const long SYS_pidfd_send_signal = 424;
    private const long SYS_pidfd_open = 434;
    private const long SYS_openat2 = 437;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d);

    internal static SafeFileHandle pidfd_open(int pid) => new((nint)Syscall((nint)SYS_pidfd_open, pid, 0, 0, 0), ownsHandle: true);

    internal static int pidfd_send_signal(SafeFileHandle pidfd, int signal)
    {
        using var held = new Borrowed(pidfd);
        return (int)Syscall((nint)SYS_pidfd_send_signal, held.Fd, signal, 0, 0);
    }

    internal static SafeFileHandle openat2(SafeFileHandle directory, ReadOnlySpan<byte> path, in OpenHow how)
    {
        using var held = new Borrowed(directory);
        fixed (byte* p = path)
        fixed (OpenHow* h = &how)
            return new((nint)Syscall((nint)SYS_openat2, held.Fd, (nint)p, (nint)h, sizeof(OpenHow)), ownsHandle: true);
    }
}
