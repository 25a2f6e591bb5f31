using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>
/// Requires that resource limits, priorities and OOM scores aren't better than the spec's, unless the
/// container has a capability to raise them itself.
/// </summary>
internal static class LimitImageRule
{
    public static readonly RuleDescriptor LimitRule = new()
    {
        Id = "image-rlimit",
        Finds = "limits above the spec's without CAP_SYS_RESOURCE",
    };

    public static readonly RuleDescriptor OomRule = new()
    {
        Id = "image-oom",
        Finds = "a score that protects from the OOM killer without CAP_SYS_RESOURCE",
        Allow = "`image-oom:-500`",
    };

    public static readonly RuleDescriptor PriorityRule = new()
    {
        Id = "image-sched",
        Finds = "real-time scheduling and negative nice values without CAP_SYS_NICE",
        Allow = "`image-sched:1`, the policy or the nice value",
    };

    public static readonly RuleDescriptor SignalRule = new()
    {
        Id = "image-signal",
        Finds = "pending signals that aren't of the kernel's form, and more handlers than there are signals",
    };

    // asm-generic/resource.h, by number.
    private static readonly string[] Limits =
    [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC",
        "RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE",
        "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ];

    private const int Nice = 13, RealTime = 14;
    private const int LongestName = 15; // TASK_COMM_LEN, with its zero
    private const int SignalInfo = 128; // sizeof(siginfo_t)
    private const uint Fifo = 1, RoundRobin = 2, LastPolicy = 6; // SCHED_…

    public static void Check(ImageVerification verification)
    {
        foreach (var task in verification.Tasks)
        {
            if (verification.Images.One(task.Core) is not { } core)
                continue;
            var limits = new ulong[Limits.Length];
            if (core.Child("tc") is { } common)
                CheckTask(verification, $"{verification.Images.Where(task.Core)}: tc", common, limits, task.Alive);
            foreach (var thread in task.Threads)
            {
                var file = ImageKind.Get("core-").File(thread);
                if (verification.Images.One(file)?.Child("thread_core") is { } own)
                    CheckThread(verification, $"{verification.Images.Where(file)}: thread_core", own, limits);
            }
        }
    }

    private static void CheckTask(ImageVerification verification, string where, ImageRecord task, ulong[] limits, bool alive)
    {
        var count = 0;
        foreach (var limit in task.Child("rlimits")?.Children("rlimits") ?? [])
        {
            if (count == Limits.Length)
            {
                verification.Refuse(LimitRule, $"{where}.rlimits", "17", "more limits than the kernel has");
                break;
            }
            limits[count] = limit.Number("max");
            CheckLimit(verification, where, Limits[count++], limit);
        }
        if (count is > 0 and < 16 || (count == 0 && alive))
            verification.Refuse(LimitRule, $"{where}.rlimits", Text(count), "fewer limits than the kernel has");
        var score = task.Signed("oom_score_adj");
        if (score < Math.Min(0, verification.Allowed.OomScoreAdj) && !verification.Allowed.May("CAP_SYS_RESOURCE"))
            verification.Refuse(
                OomRule,
                $"{where}.oom_score_adj",
                Text(score),
                $"the kernel would spare it before others; the spec has {verification.Allowed.OomScoreAdj}",
                Text(score));
        if (score is < -1000 or > 1000)
            verification.Refuse(OomRule, $"{where}.oom_score_adj", Text(score), "there is no such score");
        CheckName(verification, where, task);
        CheckSignals(verification, $"{where}.signals_s", task.Child("signals_s"));
        if (task.Children("sigactions").Take(65).Count() > 64)
            verification.Refuse(SignalRule, $"{where}.sigactions", "65", "more signals than there are");
    }

    private static void CheckLimit(ImageVerification verification, string where, string name, ImageRecord limit)
    {
        if (limit.Number("cur") > limit.Number("max"))
            verification.Refuse(
                LimitRule,
                $"{where}.rlimits: {name}",
                $"{limit.Number("cur")}:{limit.Number("max")}",
                "a soft limit above the hard one");
        var wanted = verification.Allowed.Spec.Process?.Rlimits?.LastOrDefault(wanted => wanted.Type == name);
        if (wanted is not null && limit.Number("max") > wanted.Hard && !verification.Allowed.May("CAP_SYS_RESOURCE"))
            verification.Refuse(
                LimitRule,
                $"{where}.rlimits: {name}",
                limit.Number("max").ToString(CultureInfo.InvariantCulture),
                $"a limit above the spec's, {wanted.Hard}");
    }

    private static void CheckThread(ImageVerification verification, string where, ImageRecord thread, ulong[] limits)
    {
        var policy = thread.U32("sched_policy");
        var nice = thread.ZigZag("sched_nice", 0);
        var free = verification.Allowed.May("CAP_SYS_NICE");
        if (policy > LastPolicy || nice is < -20 or > 19)
            verification.Refuse(PriorityRule, where, $"{policy}:{nice}", "there is no such priority");
        else if (policy is Fifo or RoundRobin or LastPolicy && !free && limits[RealTime] == 0)
            verification.Refuse(
                PriorityRule,
                $"{where}.sched_policy",
                Text(policy),
                "it would run before all others, which only CAP_SYS_NICE allows, and the spec gives it to none",
                Text(policy));
        else if (nice < 0 && !free && 20 - nice > (long)Math.Min(limits[Nice], 40))
            verification.Refuse(
                PriorityRule,
                $"{where}.sched_nice",
                Text(nice),
                "it would run before others, which only CAP_SYS_NICE allows, and the spec gives it to none",
                Text(nice));
        CheckName(verification, where, thread);
        CheckSignals(verification, $"{where}.signals_p", thread.Child("signals_p"));
    }

    private static void CheckName(ImageVerification verification, string where, ImageRecord record)
    {
        if (record.Bytes("comm").Length > LongestName)
            verification.Refuse(TaskFilesImageRule.Rule, $"{where}.comm", record.Text("comm"), "a name that is too long for the kernel");
    }

    private static void CheckSignals(ImageVerification verification, string where, ImageRecord? queue)
    {
        foreach (var signal in queue?.Children("signals") ?? [])
        {
            if (signal.Bytes("siginfo").Length != SignalInfo)
                verification.Refuse(SignalRule, where, Text(signal.Bytes("siginfo").Length), "a signal that is not of the kernel's form");
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class TaskImageRules
{
    internal static readonly ImageCheck Limit = Add(new(
        140,
        LimitImageRule.Check,
        LimitImageRule.LimitRule,
        LimitImageRule.OomRule,
        LimitImageRule.PriorityRule,
        LimitImageRule.SignalRule));
}
