using System.Buffers.Binary;
using Stasis.Engine.Criu.Images;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Criu;

/// <summary>A task's state: core-N.img, for each thread.</summary>
internal static class CoreImage
{
    private const uint Stopped = 3; // TASK_STOPPED (criu/include/pid.h)
    private const uint X64 = 1; // X86_64 (images/core.proto)
    private const ulong Interrupted = unchecked((ulong)-4); // EINTR
    private const ulong Instruction = 2; // bytes of "syscall"

    private static readonly ImageKind Kind = ImageKind.Get("core-");

    /// <summary>Records that a signal has stopped a task.</summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="pid">The task, in its PID namespace. Nothing is done if it has no image.</param>
    /// <param name="signal">The signal.</param>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static void SetStopped(string images, uint pid, int signal)
    {
        var path = Path.Combine(images, Kind.File(pid));
        if (LocalImageFile.TryReadFirst(path, Kind) is not { } core || core.Child("tc") is not { } task)
            return;
        var stopped = task.With("task_state", Stopped).With("stop_signo", (ulong)signal);
        LocalImageFile.Write(path, Kind, core.With("tc", stopped));
    }

    /// <summary>
    /// Has all threads that wait in a system call go on waiting. CRIU can't restore how far such a call has come, and records of the
    /// calls that the kernel would continue that they have failed with EINTR (compel/arch/x86/src/lib/infect.c), which many programs
    /// don't expect. They make the call again: a relative time limit begins anew.
    /// </summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static void RestartInterruptedCalls(string images)
    {
        foreach (var path in Directory.EnumerateFiles(images, "core-*.img"))
        {
            if (LocalImageFile.TryReadFirst(path, Kind) is { } core && core.U32("mtype") == X64
                && core.Child("thread_info") is { } thread && thread.Child("gpregs") is { } registers && IsInterrupted(registers))
            {
                var again = registers.With("ax", registers.Number("orig_ax")).With("ip", registers.Number("ip") - Instruction);
                LocalImageFile.Write(path, Kind, core.With("thread_info", thread.With("gpregs", again)));
            }
        }
    }

    private static bool IsInterrupted(ImageRecord registers) =>
        registers.Number("ax") == Interrupted && SyscallRestartThaw.Numbers.Contains((int)registers.Number("orig_ax"));

    /// <summary>Reads which signals are pending for a thread, and for its process if it is the first: bit N - 1 for signal N.</summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="thread">The thread, in its PID namespace. One without an image has none.</param>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static ulong ReadPendingSignals(string images, uint thread)
    {
        if (TryRead(images, thread) is not { } core)
            return 0;
        ImageRecord?[] queues = [core.Child("tc")?.Child("signals_s"), core.Child("thread_core")?.Child("signals_p")];
        var signals =
            from queue in queues.OfType<ImageRecord>()
            from signal in queue.Children("signals")
            select BinaryPrimitives.ReadUInt32LittleEndian(signal.Bytes("siginfo").Span); // si_signo
        return signals.Aggregate(0UL, (set, signal) => set | Signals.Bit(signal));
    }

    private static ImageRecord? TryRead(string images, uint id) =>
        LocalImageFile.TryReadFirst(Path.Combine(images, Kind.File(id)), Kind);

    /// <summary>
    /// Reads which processor a dump was made on, from the image of its first task; null if there is none. CRIU writes a register set if the
    /// processor and the kernel have it (criu/arch/x86/crtools.c: alloc_xsave_extends).
    /// </summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static DumpedProcessor? ReadProcessor(string images)
    {
        var tree = ImageKind.Get("pstree");
        if (LocalImageFile.TryReadFirst(Path.Combine(images, tree.TheFile), tree) is not { } first
            || LocalImageFile.TryReadFirst(Path.Combine(images, Kind.File(first.U32("pid"))), Kind) is not { } core)
            return null;
        var registers = core.Child("thread_info")?.Child("fpregs")?.Child("xsave");
        return new DumpedProcessor(core.U32("mtype"), registers?.Has("ymmh_space") == true, registers?.Has("zmm_upper") == true);
    }
}
