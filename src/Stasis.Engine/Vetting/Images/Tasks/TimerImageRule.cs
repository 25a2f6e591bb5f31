using System.Globalization;
using Stasis.Engine.Criu;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>Requires that timers run on clocks that the container may use, and signal threads of their process.</summary>
internal static class TimerImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-timer",
        Finds = "timers that wake the host without CAP_WAKE_ALARM, and nonexistent clocks, signals and threads",
    };

    private const uint RealTimeAlarm = 8, BootTimeAlarm = 9, LastClock = 11; // CLOCK_…
    private const uint OnThread = 4; // SIGEV_THREAD_ID

    public static void Check(ImageVerification verification)
    {
        foreach (var task in verification.Tasks)
        {
            if (verification.Images.One(task.Core)?.Child("tc")?.Child("timers") is not { } timers)
                continue;
            var where = $"{verification.Images.Where(task.Core)}: tc.timers";
            foreach (var timer in timers.Children("posix"))
            {
                CheckClock(verification, $"{where}.posix.clock_id", timer.U32("clock_id"));
                if (timer.U32("si_signo") > 64)
                    verification.Refuse(
                        Rule,
                        $"{where}.posix.si_signo",
                        timer.U32("si_signo").ToString(CultureInfo.InvariantCulture),
                        "there is no such signal");
                if ((timer.U32("it_sigev_notify") & OnThread) != 0 && timer.Has("notify_thread_id")
                    && !TimersImage.LacksThread(timer) && !task.Threads.Contains((uint)timer.Signed("notify_thread_id")))
                    verification.Refuse(
                        Rule,
                        $"{where}.posix.notify_thread_id",
                        timer.Signed("notify_thread_id").ToString(CultureInfo.InvariantCulture),
                        "a thread that the process doesn't have");
            }
        }
    }

    /// <summary>
    /// Requires the capability for a clock that wakes a suspended machine. Clocks of a process or thread have
    /// numbers below zero.
    /// </summary>
    public static void CheckClock(ImageVerification verification, string where, uint clock)
    {
        if (clock is RealTimeAlarm or BootTimeAlarm && !verification.Allowed.May("CAP_WAKE_ALARM"))
            verification.Refuse(
                Rule,
                where,
                clock.ToString(CultureInfo.InvariantCulture),
                "a timer that wakes the machine, which only CAP_WAKE_ALARM allows, and the spec gives it to none");
        else if (clock is > LastClock and <= int.MaxValue)
            verification.Refuse(Rule, where, clock.ToString(CultureInfo.InvariantCulture), "there is no such clock");
    }
}

internal static partial class TaskImageCheckList
{
    internal static readonly ImageCheck Timer = Add(new(150, TimerImageRule.Check, TimerImageRule.Rule));
}
