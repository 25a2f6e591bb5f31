using System.Globalization;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images.Tasks;
using Stasis.Engine.Vetting.Images;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>
/// Requires that limits, priorities, OOM scores and login UIDs of processes aren't better than the spec's. The values that allow them are
/// those of the images' rules.
/// </summary>
internal static class RestoredLimitRule
{
    public static readonly RuleDescriptor LimitRule = new()
    {
        Id = "restored-rlimit",
        Finds = "without CAP_SYS_RESOURCE: limits above the spec's, or above the kernel's default where the spec has none",
        Allow = "`image-rlimit:MEMLOCK=67108864`, the hard limit",
        AllowName = LimitImageRule.LimitRule.AllowName,
    };

    public static readonly RuleDescriptor OomRule = new()
    {
        Id = "restored-oom",
        Finds = "without CAP_SYS_RESOURCE: a score below the spec's, or below 0 where the spec has none",
        Allow = "`image-oom:-500`",
        AllowName = LimitImageRule.OomRule.AllowName,
    };

    public static readonly RuleDescriptor PriorityRule = new()
    {
        Id = "restored-sched",
        Finds = "without CAP_SYS_NICE: real-time scheduling and negative nice values beyond the spec's scheduler and limits",
        Allow = "`image-sched:1`, the policy or the nice value",
        AllowName = LimitImageRule.PriorityRule.AllowName,
    };

    public static readonly RuleDescriptor LoginRule = new()
    {
        Id = "restored-loginuid",
        Finds = "an audit login UID that isn't that of this command",
        Allow = "`image-loginuid:1000`",
        AllowName = LimitImageRule.LoginRule.AllowName,
    };

    private const int NicenessField = 19, PriorityField = 40, PolicyField = 41; // proc_pid_stat(5)

    // The names in /proc/PID/limits.
    private static readonly Dictionary<string, string> LimitNames = new()
    {
        ["RLIMIT_NOFILE"] = "Max open files",
        ["RLIMIT_NPROC"] = "Max processes",
        ["RLIMIT_MEMLOCK"] = "Max locked memory",
        ["RLIMIT_RTPRIO"] = "Max realtime priority",
        ["RLIMIT_NICE"] = "Max nice priority",
        ["RLIMIT_CORE"] = "Max core file size",
        ["RLIMIT_STACK"] = "Max stack size",
        ["RLIMIT_AS"] = "Max address space",
        ["RLIMIT_SIGPENDING"] = "Max pending signals",
        ["RLIMIT_MSGQUEUE"] = "Max msgqueue size",
        ["RLIMIT_RTTIME"] = "Max realtime timeout",
    };

    /// <summary>Compares a process with the spec.</summary>
    public static void Check(SpecAllowances allowed, RestoredThread process, List<Finding> findings)
    {
        if (!allowed.May("CAP_SYS_RESOURCE"))
        {
            CheckLimits();
            var score = int.Parse(File.ReadAllText(Path.Combine(process.Folder, "oom_score_adj")), CultureInfo.InvariantCulture);
            if (score < allowed.OomScoreAdj)
                Refuse(OomRule, "oom_score_adj", Text(score), "the kernel would spare it before others", Text(score));
        }
        CheckScheduling();
        if (ReadLogin(process.Folder) is var login && login != ReadLogin("/proc/self"))
            Refuse(LoginRule, "loginuid", login, "an audit login of its own choice", login);

        void CheckScheduling()
        {
            var stat = ProcStat.Parse(File.ReadAllText(Path.Combine(process.Folder, "stat")));
            var (nice, policy) = ((int)stat[NicenessField], (int)stat[PolicyField]);
            if (!LimitImageRule.MayHavePolicy(allowed, (uint)policy, (uint)stat[PriorityField]))
                Refuse(PriorityRule, "policy", Text(policy), "a real-time policy, which takes CAP_SYS_NICE", Text(policy));
            if (!allowed.May("CAP_SYS_NICE") && !LimitImageRule.MayBeNice(allowed, nice))
                Refuse(PriorityRule, "niceness", Text(nice), "a priority that takes CAP_SYS_NICE", Text(nice));
        }

        void CheckLimits()
        {
            var lines = File.ReadAllLines(Path.Combine(process.Folder, "limits"));
            foreach (var (type, name) in LimitNames)
            {
                var line = lines.First(line => line.StartsWith(name, StringComparison.Ordinal));
                if (ParseHard(line[name.Length..]) is var hard && hard > LimitImageRule.GetMost(allowed, type))
                {
                    var value = hard.ToString(CultureInfo.InvariantCulture);
                    const string Message = "a limit above the spec's, or the kernel's default";
                    Refuse(LimitRule, type, value, Message, $"{type["RLIMIT_".Length..]}={value}");
                }
            }
        }

        void Refuse(RuleDescriptor rule, string where, string value, string message, string exact) =>
            findings.Add(FindingFactory.Refused(rule, $"{process.Title}: {where}", value, message, exact));
    }

    // Without auditing, the kernel has no such file.
    private static string ReadLogin(string process) =>
        Path.Combine(process, "loginuid") is var path && File.Exists(path) ? File.ReadAllText(path) : "";

    // "    1024                 524288               files     "
    private static ulong ParseHard(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var hard, ..] && hard != "unlimited"
            ? ulong.Parse(hard, CultureInfo.InvariantCulture)
            : ulong.MaxValue;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
