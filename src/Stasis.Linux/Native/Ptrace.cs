using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>sys/ptrace.h and sys/user.h of x86-64.</summary>
internal static unsafe partial class Libc
{
    internal const int PTRACE_GETREGS = 12;
    internal const int PTRACE_SETREGS = 13;
    internal const int PTRACE_DETACH = 17;
    internal const int PTRACE_SEIZE = 0x4206;
    internal const int PTRACE_INTERRUPT = 0x4207;
    internal const int WALL = 0x40000000;

    private const nint SYS_ptrace = 101;

    /// <summary>struct user_regs_struct: 27 registers of 8 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 27 * 8)]
    internal struct UserRegisters
    {
        [FieldOffset(10 * 8)]
        public long Rax;

        [FieldOffset(15 * 8)]
        public long OrigRax;
    }

    internal static bool ptrace(int request, int thread) => Syscall(SYS_ptrace, request, thread, 0, 0) == 0;

    internal static bool ptrace(int request, int thread, ref UserRegisters registers)
    {
        fixed (UserRegisters* data = &registers)
            return Syscall(SYS_ptrace, request, thread, 0, (nint)data) == 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitpid(int pid, out int status, int options);
}
