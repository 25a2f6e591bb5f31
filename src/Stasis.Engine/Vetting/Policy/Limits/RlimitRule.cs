using System.Globalization;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Limits;

/// <summary>
/// Finds resource limits above a plain container's: Podman's own for files and processes, the kernel's
/// defaults for resources of the host. Limits that affect the container alone may have any value.
/// </summary>
internal static class RlimitRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "rlimit",
        Finds = "files or processes beyond 1048576; locked memory, message queues, priorities, real time beyond the "
            + "kernel's defaults",
        Allow = "`rlimit:RTPRIO=99:99`",
    };

    private const ulong Default = 1_048_576; // podman libpod/define: RLimitDefaultValue

    // Hard limits: prlimit(2), kernel include/asm-generic/resource.h; locked memory as of 5.16.
    private static readonly Dictionary<string, ulong> Most = new()
    {
        ["RLIMIT_NOFILE"] = Default,
        ["RLIMIT_NPROC"] = Default,
        ["RLIMIT_MEMLOCK"] = 8 << 20,
        ["RLIMIT_MSGQUEUE"] = 819_200,
        ["RLIMIT_NICE"] = 0,
        ["RLIMIT_RTPRIO"] = 0,
        ["RLIMIT_SIGPENDING"] = Default,
        ["RLIMIT_LOCKS"] = ulong.MaxValue,
        ["RLIMIT_RTTIME"] = ulong.MaxValue,
        ["RLIMIT_AS"] = ulong.MaxValue,
        ["RLIMIT_CORE"] = ulong.MaxValue,
        ["RLIMIT_CPU"] = ulong.MaxValue,
        ["RLIMIT_DATA"] = ulong.MaxValue,
        ["RLIMIT_FSIZE"] = ulong.MaxValue,
        ["RLIMIT_RSS"] = ulong.MaxValue,
        ["RLIMIT_STACK"] = ulong.MaxValue,
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        foreach (var limit in subject.Process.Rlimits ?? [])
        {
            var exact = string.Create(CultureInfo.InvariantCulture, $"{Short(limit.Type)}={limit.Soft}:{limit.Hard}");
            if (!Most.TryGetValue(limit.Type, out var most))
                yield return FindingFactory.Never(Rule, "spec.dump: process.rlimits", exact, "a limit that isn't known");
            else if (Math.Max(limit.Soft, limit.Hard) > most)
                yield return FindingFactory.Refused(
                    Rule,
                    "spec.dump: process.rlimits",
                    exact,
                    string.Create(CultureInfo.InvariantCulture, $"a higher limit than the usual {most}"),
                    exact);
        }
    }

    private static string Short(string type) => type.StartsWith("RLIMIT_", StringComparison.Ordinal) ? type[7..] : type;
}

internal static partial class LimitCheckList
{
    internal static readonly PolicyCheck Rlimit = Add(new(160, RlimitRule.Check, RlimitRule.Rule));
}
