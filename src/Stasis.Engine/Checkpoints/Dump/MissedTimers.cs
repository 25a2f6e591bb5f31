using System.Globalization;
using Stasis.Engine.Criu;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Timers whose expiry a dump has missed. CRIU reads the pending signals of a process first and its timers later (criu/cr-dump.c,
/// dump_one_task), and timers go on while processes are frozen. The signal of a timer that expires between the two is in no image, and a
/// program that waits for its alarm would wait for ever. The signal stays pending, so that another dump finds it.
/// </summary>
internal static class MissedTimers
{
    /// <summary>Whether the images lack a pending signal that may come from a timer which has expired.</summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="pids">The processes that were dumped, still frozen.</param>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static bool IsAny(string images, IEnumerable<int> pids) => pids.Any(pid => IsAny(images, pid));

    private static bool IsAny(string images, int pid)
    {
        var threads = ThreadSystemCall.GetThreads(pid).Select(TryReadStatus).OfType<string>();
        foreach (var status in threads.Where(status => Pending(status) != 0))
        {
            if (TryReadStatus(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}")) is not { } leader)
                return false;
            var (process, thread) = (ProcStatus.InnerPid(leader), ProcStatus.InnerPid(status));
            if ((Pending(status) & TimersImage.ReadExpired(images, process) & ~CoreImage.ReadPendingSignals(images, thread)) != 0)
                return true;
        }
        return false;
    }

    // Those of the thread, and those of the process, which its first thread has in its image.
    private static ulong Pending(string status) =>
        ReadSet(status, "SigPnd") | (ProcStatus.Find(status, "Pid") == ProcStatus.Find(status, "Tgid") ? ReadSet(status, "ShdPnd") : 0);

    private static ulong ReadSet(string status, string name) =>
        ulong.Parse(ProcStatus.Find(status, name) ?? "", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static string? TryReadStatus(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "status"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it has ended
        }
    }
}
