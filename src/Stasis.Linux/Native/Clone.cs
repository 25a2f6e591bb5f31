using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>
/// clone(2), and the system calls that its child may make: by number, through one function, without marshalling. Between clone
/// and exec no code of the .NET runtime may run: its other threads don't exist in the child, and locks that they held stay
/// locked.
/// </summary>
internal static unsafe partial class Libc
{
    internal const nint CLONE_FILES = 0x400;
    internal const nint SIGCHLD = 17;
    internal const nint SIG_SETMASK = 2;
    internal const nint PR_SET_PDEATHSIG = 1;
    internal const nint PR_SET_NAME = 15;

    /// <summary>Numbers of the calls on this architecture. To be created before the clone.</summary>
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
