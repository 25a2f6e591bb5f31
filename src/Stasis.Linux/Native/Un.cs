using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>sys/un.h.</summary>
internal static unsafe partial class Libc
{
    /// <summary>struct sockaddr_un.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SockAddrUn
    {
        public const int PathSize = 108;
        public ushort Family;
        public fixed byte Path[PathSize];
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int connect(SafeFileHandle socket, SockAddrUn* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int bind(SafeFileHandle socket, SockAddrUn* address, uint length);
}
