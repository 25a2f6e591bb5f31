using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>sys/socket.h, net/if.h, linux/ethtool.h.</summary>
internal static unsafe partial class Libc
{
    internal const nuint SIOCGIFNAME = 0x8910;
    internal const nuint SIOCGIFFLAGS = 0x8913;
    internal const nuint SIOCSIFFLAGS = 0x8914;
    internal const nuint SIOCETHTOOL = 0x8946;
    internal const uint ETHTOOL_GDRVINFO = 3;
    internal const uint ETHTOOL_GSTATS = 0x1d;

    internal const int AF_INET = 2;
    internal const int AF_INET6 = 10;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int SOL_SOCKET = 1;
    internal const int SO_REUSEADDR = 2;
    internal const short IFF_UP = 1;

    /// <summary>struct ifreq: a name, then a union.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 40)]
    internal struct IfReq
    {
        [FieldOffset(0)] public fixed byte Name[16];
        [FieldOffset(16)] public short Flags;
        [FieldOffset(16)] public int Index;
        [FieldOffset(16)] public nint Data;
    }

    /// <summary>struct ethtool_drvinfo: 196 bytes, of which two fields matter here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 196)]
    internal struct EthtoolDriver
    {
        [FieldOffset(0)] public uint Command;
        [FieldOffset(4)] public fixed byte Driver[32];
        [FieldOffset(180)] public uint StatisticsCount;
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
}
