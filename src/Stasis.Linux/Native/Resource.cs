using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>sys/resource.h.</summary>
internal static partial class Libc
{
    internal const int PRIO_PROCESS = 0;

    /// <summary>With PRIO_PROCESS and 0 for <paramref name="who"/>, sets the calling thread's nice value only.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setpriority(int which, int who, int nice);
}
