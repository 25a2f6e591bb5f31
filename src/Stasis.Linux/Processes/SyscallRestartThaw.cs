using System.Runtime.InteropServices;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>
/// System calls that the kernel continues with restart_syscall(2) after a stop: poll, nanosleep, clock_nanosleep, futex with a time limit.
/// How far they have come is lost if the thread has run other calls for a tracer meanwhile; they then fail with EINTR.
/// </summary>
public static class SyscallRestartThaw
{
    /// <summary>The numbers of these calls on x86-64.</summary>
    public static readonly IReadOnlyList<int> Numbers = [7, 35, 202, 230];

    private const int RestartBlock = 516, RestartNoHandler = 514; // ERESTART_RESTARTBLOCK, ERESTARTNOHAND (linux/errno.h)
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Lets frozen threads run again. Those that are in such a call make it from its beginning. Threads that another tracer has, and all on
    /// machines other than x86-64, are let alone.
    /// </summary>
    /// <param name="threads">The threads that may be in such a call, on this host.</param>
    /// <param name="thaw">Lets them run.</param>
    public static void Thaw(IReadOnlyCollection<int> threads, Action thaw)
    {
        if (threads.Count == 0 || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            thaw();
        else
            DedicatedThread.Run(() => ThawTraced(threads, thaw)); // the kernel lets go of what a thread traces when it ends
    }

    private static void ThawTraced(IReadOnlyCollection<int> threads, Action thaw)
    {
        // The interrupt is pending while they are frozen, and stops them before they return from the kernel.
        var traced = threads
            .Where(thread => Libc.ptrace(Libc.PTRACE_SEIZE, thread) && Libc.ptrace(Libc.PTRACE_INTERRUPT, thread)).ToList();
        thaw();
        foreach (var thread in traced)
        {
            if (SpinWait.SpinUntil(() => Libc.waitpid(thread, out _, Libc.WALL | Libc.WNOHANG) != 0, StopLimit))
                MakeAgain(thread);
            _ = Libc.ptrace(Libc.PTRACE_DETACH, thread);
        }
    }

    private static void MakeAgain(int thread)
    {
        var registers = default(Libc.UserRegisters);
        if (!Libc.ptrace(Libc.PTRACE_GETREGS, thread, ref registers) || !IsInterrupted(registers))
            return;
        registers.Rax = -RestartNoHandler; // it has still to return from the call, and the kernel makes it again
        _ = Libc.ptrace(Libc.PTRACE_SETREGS, thread, ref registers);
    }

    // A tracer can have written down that the call has failed, as CRIU does (compel/arch/x86/src/lib/infect.c).
    private static bool IsInterrupted(Libc.UserRegisters registers) =>
        registers.Rax == -RestartBlock || (registers.Rax == -(long)Errno.EINTR && Numbers.Contains((int)registers.OrigRax));
}
