using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>
/// clone(2) and what the child of one may call: system calls by number, through one function, without the marshaller's work before and after. Between a clone and an
/// exec nothing else of the runtime may run: its other threads aren't there, and what they had locked stays locked.
/// </summary>
internal static unsafe partial class Libc
{
    internal const nint CLONE_FILES = 0x400;
    internal const nint SIGCHLD = 17;
    internal const nint SIG_SETMASK = 2;
    internal const nint PR_SET_NAME = 15;

    /// <summary>Numbers of the calls, which differ; to be had before the clone.</summary>
    internal readonly struct CallNumbers()
    {
        private static readonly bool IsX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

        public readonly nint Clone = IsX64 ? 56 : 220;
        public readonly nint Exec = IsX64 ? 59 : 221;
        public readonly nint Wait = IsX64 ? 61 : 260;
        public readonly nint Exit = IsX64 ? 231 : 94;
        public readonly nint Poll = IsX64 ? 271 : 73;
        public readonly nint Prctl = IsX64 ? 157 : 167;
        public readonly nint Mask = IsX64 ? 14 : 135;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    [SuppressGCTransition]
    internal static partial nint BareSyscall(nint number, nint a, nint b, nint c, nint d, nint e);
}
