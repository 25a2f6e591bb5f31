using System.Diagnostics;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Oci;

/// <summary>Ends what is in cgroups.</summary>
internal static class CgroupKiller
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Kills all processes in the cgroups and beneath them, until none is left, for ten seconds at most: what waits for a device is the
    /// engine's to report.
    /// </summary>
    public static void Kill(IReadOnlyList<string> folders)
    {
        var begun = Stopwatch.GetTimestamp();
        var rest = Limit;
        while (Cgroup.Processes(folders) is { Count: > 0 } left && rest > TimeSpan.Zero)
        {
            Kill(left, folders, rest);
            rest = Limit - Stopwatch.GetElapsedTime(begun);
        }
    }

    private static void Kill(IEnumerable<int> pids, IReadOnlyList<string> folders, TimeSpan limit)
    {
        List<PidFd> killed = [.. pids.Select(PidFd.Open).OfType<PidFd>()];
        try
        {
            killed.ForEach(process => process.Signal(Signals.Kill));
            foreach (var folder in folders)
                Cgroup.Thaw(folder); // with v1's freezer, what is frozen doesn't die
            _ = killed.TrueForAll(process => process.TryWait(limit));
        }
        finally
        {
            killed.ForEach(process => process.Dispose());
        }
    }
}
