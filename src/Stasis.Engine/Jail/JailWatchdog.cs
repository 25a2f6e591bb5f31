using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Oci;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Jail;

/// <summary>
/// Waits for a runtime and its CRIU, as long as they work. A hostile image can have CRIU's processes wait for each other for good, and a
/// runtime waits for good for a CRIU that was killed. Much memory on a slow disk takes its time, and processor time.
/// </summary>
/// <param name="plan">The jail's plan. For this host's own containers there is no limit.</param>
/// <param name="runtime">The runtime.</param>
internal sealed class JailWatchdog(JailPlan plan, ChildProcess runtime)
{
    private const long BytesPerSecond = 10 << 20;
    private const int UserTimeField = 14, SystemTimeField = 15; // proc_pid_stat(5)
    private static readonly TimeSpan MinTime = TimeSpan.FromMinutes(10), IdleTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly CriuWatchdog _criu = CriuWatchdog.Of(runtime.Id);

    /// <summary>Waits until a FIFO has input or the runtime has ended; returns whether the FIFO has.</summary>
    /// <exception cref="TimeoutException">They take too long, or have stopped working; or CRIU was killed.</exception>
    public bool WaitForInput(SafeFileHandle fifo)
    {
        Wait(limit => runtime.TryWaitForInput(fifo, limit));
        return Fifo.HasInput(fifo);
    }

    /// <summary>Waits until the runtime has ended; returns its exit code.</summary>
    /// <exception cref="TimeoutException">It takes too long, or has stopped working; or CRIU was killed.</exception>
    public int WaitForExit()
    {
        Wait(runtime.TryWait);
        return runtime.Wait();
    }

    private void Wait(Func<TimeSpan, bool> isOver)
    {
        if (!plan.IsUntrusted)
        {
            isOver(Timeout.InfiniteTimeSpan);
            return;
        }
        var limit = MinTime + TimeSpan.FromSeconds(SumLengths(plan.Images) / BytesPerSecond);
        var (worked, since) = (-1L, Stopwatch.GetTimestamp());
        while (!isOver(Interval))
        {
            if (_criu.Check())
                throw new TimeoutException("CRIU was killed");
            if (Stopwatch.GetElapsedTime(_begun) > limit)
                throw new TimeoutException($"no restore within {limit.TotalMinutes:0} minutes, killed");
            if (ReadProcessorTime() is var now && now != worked)
                (worked, since) = (now, Stopwatch.GetTimestamp());
            else if (Stopwatch.GetElapsedTime(since) > IdleTime)
                throw new TimeoutException($"CRIU has not worked for {IdleTime.TotalSeconds:0} seconds, killed");
        }
    }

    // Of all processes that restore, and are restored, in clock ticks.
    private long ReadProcessorTime() => Cgroup.Processes(plan.Cgroups).Append(runtime.Id).Sum(ReadProcessorTime);

    private static long ReadProcessorTime(int pid) =>
        ProcStat.TryRead(pid) is { } stat ? stat[UserTimeField] + stat[SystemTimeField] : 0;

    private static long SumLengths(string folder) => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);
}
