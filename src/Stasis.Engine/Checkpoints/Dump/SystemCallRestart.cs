using System.Globalization;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Threads of the original that wait in a system call with a time limit. CRIU has them run its own calls, after which the kernel can't
/// continue theirs: they would fail with EINTR, which many programs don't expect. They make the call again.
/// </summary>
internal static class SystemCallRestart
{
    /// <summary>Lets frozen processes run after a dump.</summary>
    /// <param name="pids">The processes.</param>
    /// <param name="thaw">Lets them run.</param>
    public static void Thaw(IEnumerable<int> pids, Action thaw)
    {
        var waiting =
            from pid in pids
            from thread in ThreadSystemCall.GetThreads(pid)
            where MayWait(thread)
            select int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture);
        SyscallRestartThaw.Thaw([.. waiting], thaw);
    }

    // CRIU has just let go of them: one may still be on its way back into the freezer.
    private static bool MayWait(string thread) =>
        ThreadSystemCall.TryRead(thread) is not { } call || SyscallRestartThaw.Numbers.Contains(call.Number);
}
