using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>sys/socket.h, net/if.h.</summary>
internal static unsafe partial class Libc
{
    internal const nuint SIOCGIFFLAGS = 0x8913;
    internal const nuint SIOCSIFFLAGS = 0x8914;

    internal const int AF_UNIX = 1;
    internal const int AF_INET = 2;
    internal const int AF_INET6 = 10;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_RAW = 3;
    internal const int AF_NETLINK = 16;
    internal const int NETLINK_SOCK_DIAG = 4;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int SOL_SOCKET = 1;
    internal const int SO_REUSEADDR = 2;
    internal const short IFF_UP = 1;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const int MSG_CMSG_CLOEXEC = 0x40000000;
    internal const int SCM_RIGHTS = 1;
    internal const int SHUT_WR = 1;

    /// <summary>struct ifreq: a name, then a union.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    internal struct IfReq
    {
        public fixed byte Name[16];
        public short Flags;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVec
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MsgHdr
    {
        public void* Name;
        public uint NameLength;
        public IoVec* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>struct cmsghdr with one descriptor, as large as CMSG_SPACE makes it.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 24)]
    internal struct OneDescriptor
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int Descriptor;
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial SafeFileHandle socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setsockopt(SafeFileHandle socket, int level, int option, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int bind(SafeFileHandle socket, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int listen(SafeFileHandle socket, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getsockname(SafeFileHandle socket, byte* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial SafeFileHandle accept4(SafeFileHandle socket, void* address, void* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint recvmsg(SafeFileHandle socket, MsgHdr* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int shutdown(SafeFileHandle socket, int how);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint sendmsg(SafeFileHandle socket, MsgHdr* message, int flags);
}
