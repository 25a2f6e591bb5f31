using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>sys/resource.h.</summary>
internal static partial class Libc
{
    internal const int PRIO_PROCESS = 0;

    /// <summary>With <paramref name="who"/> 0, of the calling thread alone.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setpriority(int which, int who, int nice);
}
