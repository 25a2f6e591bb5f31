using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>linux/netlink.h, linux/sock_diag.h, linux/unix_diag.h.</summary>
internal static unsafe partial class Libc
{
    internal const int AF_NETLINK = 16;
    internal const int SOCK_RAW = 3;
    internal const int NETLINK_SOCK_DIAG = 4;
    internal const ushort SOCK_DIAG_BY_FAMILY = 20;
    internal const ushort NLM_F_REQUEST = 0x1;
    internal const ushort NLM_F_DUMP = 0x300;
    internal const ushort NLMSG_ERROR = 2;
    internal const ushort NLMSG_DONE = 3;
    internal const ushort UNIX_DIAG_NAME = 0;
    internal const ushort UNIX_DIAG_VFS = 1;
    internal const ushort UNIX_DIAG_PEER = 2;
    internal const ushort UNIX_DIAG_RQLEN = 4;
    internal const uint UDIAG_SHOW_NAME = 1;
    internal const uint UDIAG_SHOW_VFS = 2;
    internal const uint UDIAG_SHOW_PEER = 4;
    internal const uint UDIAG_SHOW_RQLEN = 16;

    /// <summary>struct nlmsghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct NetlinkHeader
    {
        public uint Length;
        public ushort Type;
        public ushort Flags;
        public uint Sequence;
        public uint Port;
    }

    /// <summary>struct unix_diag_req.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UnixDiagRequest
    {
        public byte Family;
        public byte Protocol;
        public ushort Padding;
        public uint States;
        public uint Inode;
        public uint Show;
        public uint Cookie0;
        public uint Cookie1;
    }

    /// <summary>struct unix_diag_msg; attributes follow (struct nlattr).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UnixDiagMessage
    {
        public byte Family;
        public byte Type;
        public byte State;
        public byte Padding;
        public uint Inode;
        public uint Cookie0;
        public uint Cookie1;
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint send(SafeFileHandle socket, void* bytes, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint recv(SafeFileHandle socket, void* bytes, nuint length, int flags);
}
