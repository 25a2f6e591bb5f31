using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>
/// Requires that resource limits, priorities, OOM scores and login UIDs aren't better than the spec's, unless the container has a
/// capability to raise them itself. Nothing is compared with other values of the images, which are as free.
/// </summary>
internal static class LimitImageRule
{
    public static readonly RuleDescriptor LimitRule = new()
    {
        Id = "image-rlimit",
        Finds = "without CAP_SYS_RESOURCE: limits above the spec's, or above the kernel's default where the spec has none",
        Allow = "`image-rlimit:MEMLOCK=67108864`, the hard limit",
    };

    public static readonly RuleDescriptor OomRule = new()
    {
        Id = "image-oom",
        Finds = "without CAP_SYS_RESOURCE: a score below the spec's, or below 0 where the spec has none",
        Allow = "`image-oom:-500`",
    };

    public static readonly RuleDescriptor PriorityRule = new()
    {
        Id = "image-sched",
        Finds = "without CAP_SYS_NICE: real-time scheduling and negative nice values beyond the spec's scheduler and limits",
        Allow = "`image-sched:1`, the policy or the nice value",
    };

    public static readonly RuleDescriptor LoginRule = new()
    {
        Id = "image-loginuid",
        Finds = "an audit login UID that isn't that of this command: the host's audit log would blame what the container "
            + "does on another user",
        Allow = "`image-loginuid:1000`",
    };

    public static readonly RuleDescriptor SignalRule = new()
    {
        Id = "image-signal",
        Finds = "pending signals that aren't of the kernel's form, and more handlers than there are signals",
    };

    /// <summary>The names of limits by number (asm-generic/resource.h).</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC",
        "RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE",
        "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ];

    // Hard limits that a process has where neither the engine nor the host sets any (kernel include/asm-generic/resource.h; locked
    // memory as of 5.16). Those of processes and pending signals depend on the host's memory, and have the largest that a host can have.
    // Limits that aren't here affect the process alone, and are infinite.
    private static readonly Dictionary<string, ulong> Defaults = new()
    {
        ["RLIMIT_NPROC"] = 1 << 22,
        ["RLIMIT_NOFILE"] = 1 << 20,
        ["RLIMIT_MEMLOCK"] = 8 << 20,
        ["RLIMIT_SIGPENDING"] = 1 << 22,
        ["RLIMIT_MSGQUEUE"] = 819_200,
        ["RLIMIT_NICE"] = 0,
        ["RLIMIT_RTPRIO"] = 0,
    };

    private const int MaxNameLength = 15; // TASK_COMM_LEN, with its zero
    private const int SignalInfo = 128; // sizeof(siginfo_t)
    private const uint Fifo = 1, RoundRobin = 2, Deadline = 6; // SCHED_…
    private const uint Unset = uint.MaxValue; // INVALID_UID

    public static void Check(ImageVerification verification)
    {
        foreach (var task in verification.Tasks)
        {
            if (verification.Images.One(task.Core) is not { } core)
                continue;
            if (core.Child("tc") is { } common)
                CheckTask(verification, $"{verification.Images.Where(task.Core)}: tc", common, task.Alive);
            foreach (var thread in task.Threads)
            {
                var file = ImageKind.Get("core-").File(thread);
                if (verification.Images.One(file)?.Child("thread_core") is { } own)
                    CheckThread(verification, $"{verification.Images.Where(file)}: thread_core", own);
            }
        }
    }

    /// <summary>The highest value of a hard limit that a process without CAP_SYS_RESOURCE can have.</summary>
    public static ulong GetMost(SpecAllowances allowed, string name) =>
        allowed.Limit(name) ?? Defaults.GetValueOrDefault(name, ulong.MaxValue);

    /// <summary>Whether a process without CAP_SYS_NICE can have a nice value.</summary>
    // RLIMIT_NICE is 20 - the lowest nice value (getrlimit(2)).
    public static bool MayBeNice(SpecAllowances allowed, long nice) => nice >= Math.Min(0, allowed.Scheduler.Nice)
        || 20 - nice <= (long)Math.Min(allowed.Limit("RLIMIT_NICE") ?? 0, 40);

    /// <summary>Whether a process can have a scheduling policy (sched(7)): real-time ones run before all others.</summary>
    /// <param name="allowed">What the spec gives.</param>
    /// <param name="policy">The policy's number.</param>
    /// <param name="priority">The real-time priority; 0 for other policies.</param>
    public static bool MayHavePolicy(SpecAllowances allowed, uint policy, uint priority) => policy is not (Fifo or RoundRobin or Deadline)
        || allowed.May("CAP_SYS_NICE")
        || (policy == allowed.Scheduler.Policy && priority <= allowed.Scheduler.Priority)
        || (policy != Deadline && priority <= (allowed.Limit("RLIMIT_RTPRIO") ?? 0));

    private static void CheckTask(ImageVerification verification, string where, ImageRecord task, bool alive)
    {
        var count = 0;
        foreach (var limit in task.Child("rlimits")?.Children("rlimits") ?? [])
        {
            if (count == Names.Count)
            {
                verification.Refuse(LimitRule, $"{where}.rlimits", "17", "more limits than the kernel has");
                break;
            }
            CheckLimit(verification, where, Names[count++], limit);
        }
        if (count is > 0 and < 16 || (count == 0 && alive))
            verification.Refuse(LimitRule, $"{where}.rlimits", Text(count), "fewer limits than the kernel has");
        var score = task.Signed("oom_score_adj");
        if (score < verification.Allowed.OomScoreAdj && !verification.Allowed.May("CAP_SYS_RESOURCE"))
            verification.Refuse(
                OomRule,
                $"{where}.oom_score_adj",
                Text(score),
                $"the kernel would spare it before others; the spec has {verification.Allowed.OomScoreAdj}",
                Text(score));
        if (score is < -1000 or > 1000)
            verification.Refuse(OomRule, $"{where}.oom_score_adj", Text(score), "there is no such score");
        if (task.Has("loginuid") && task.U32("loginuid") is not Unset and var user && user != ReadCallerLogin())
            verification.Refuse(LoginRule, $"{where}.loginuid", Text(user),
                "the login of another user than the one who restores it", Text(user));
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
        var wanted = verification.Allowed.Limit(name);
        if (limit.Number("max") > GetMost(verification.Allowed, name)
            && !verification.Allowed.May("CAP_SYS_RESOURCE"))
            verification.Refuse(
                LimitRule,
                $"{where}.rlimits: {name}",
                limit.Number("max").ToString(CultureInfo.InvariantCulture),
                wanted is { } most ? $"a limit above the spec's, {most}"
                    : $"a limit above the usual {Defaults[name]}, and the spec has none",
                $"{name["RLIMIT_".Length..]}={limit.Number("max")}");
    }

    private static void CheckThread(ImageVerification verification, string where, ImageRecord thread)
    {
        var (policy, nice, priority) = (thread.U32("sched_policy"), thread.ZigZag("sched_nice", 0), thread.U32("sched_prio"));
        var isRealTime = policy is Fifo or RoundRobin;
        var free = verification.Allowed.May("CAP_SYS_NICE");
        if (policy > Deadline || nice is < -20 or > 19 || (isRealTime ? priority is 0 or > 99 : priority != 0))
            verification.Refuse(PriorityRule, where, $"{policy}:{nice}:{priority}", "there is no such priority");
        else if (!MayHavePolicy(verification.Allowed, policy, priority))
            verification.Refuse(
                PriorityRule,
                $"{where}.sched_policy",
                Text(policy),
                "it would run before all others, which only CAP_SYS_NICE allows, and the spec gives it to none",
                Text(policy));
        else if (!free && !MayBeNice(verification.Allowed, nice))
            verification.Refuse(
                PriorityRule,
                $"{where}.sched_nice",
                Text(nice),
                "it would run before others, which only CAP_SYS_NICE allows, and the spec gives it to none",
                Text(nice));
        CheckName(verification, where, thread);
        CheckSignals(verification, $"{where}.signals_p", thread.Child("signals_p"));
    }

    // Of this process, which what it starts has, too. A kernel without audit has none.
    private static uint ReadCallerLogin()
    {
        try
        {
            return uint.TryParse(File.ReadAllText("/proc/self/loginuid"), NumberStyles.None, CultureInfo.InvariantCulture, out var user)
                ? user : Unset;
        }
        catch (IOException)
        {
            return Unset;
        }
    }

    private static void CheckName(ImageVerification verification, string where, ImageRecord record)
    {
        if (record.Bytes("comm").Length > MaxNameLength)
            verification.Refuse(TaskCompletenessImageRule.Rule, $"{where}.comm", record.Text("comm"),
                "a name that is too long for the kernel");
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

internal static partial class TaskImageCheckList
{
    internal static readonly ImageCheck Limit = Add(new(
        140,
        LimitImageRule.Check,
        LimitImageRule.LimitRule,
        LimitImageRule.OomRule,
        LimitImageRule.PriorityRule,
        LimitImageRule.LoginRule,
        LimitImageRule.SignalRule));
}
