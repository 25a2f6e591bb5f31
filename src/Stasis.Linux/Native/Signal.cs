using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>signal.h, sys/pidfd.h, sys/wait.h.</summary>
internal static unsafe partial class Libc
{
    internal const int SIGPIPE = 13;
    internal const int SIGURG = 23;
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

    /// <summary>0 for <paramref name="handler"/> is SIG_DFL. Returns the handler before.</summary>
    [LibraryImport("libc")]
    internal static partial nint signal(int signal, nint handler);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitid(int idType, SafeFileHandle pidfd, SignalInfo* info, int options);
}
