using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>sys/epoll.h.</summary>
internal static unsafe partial class Libc
{
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const uint EPOLLIN = 1;

    /// <summary>struct epoll_event. Packed on x86-64 only: the data is at offset 4 there, elsewhere at 8.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    internal struct EpollEvent
    {
        public uint Events;
        public fixed uint Data[3];
    }

    /// <summary>Size of an event in the kernel's array, in bytes.</summary>
    internal static readonly int EpollEventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial SafeFileHandle epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_ctl(SafeFileHandle poll, int operation, SafeFileHandle fd, void* @event);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_wait(SafeFileHandle poll, void* events, int count, int milliseconds);
}
