using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>sched.h.</summary>
internal static partial class Libc
{
    internal const int CLONE_NEWNET = 0x40000000;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int unshare(int flags);
}
