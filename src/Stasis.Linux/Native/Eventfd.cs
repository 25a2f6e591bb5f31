using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Native;

/// <summary>sys/eventfd.h.</summary>
internal static unsafe partial class Libc
{
    internal const int EFD_CLOEXEC = 0x80000;
    internal const int EFD_NONBLOCK = 0x800;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial SafeFileHandle eventfd(uint value, int flags);
}
