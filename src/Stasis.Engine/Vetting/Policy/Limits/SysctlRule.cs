using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Limits;

/// <summary>Kernel parameters beyond the one that every container gets (containers.conf: default_sysctls).</summary>
internal static class SysctlRule
{
    public static IEnumerable<Finding> Check(VettingSubject subject) => (subject.Linux.Sysctl ?? new Dictionary<string, string>())
        .Where(pair => !(pair.Key == "net.ipv4.ping_group_range" && pair.Value == "0 0"))
        .Select(pair => FindingFactory.Refused("sysctl", $"spec.dump: linux.sysctl[{pair.Key}]", $"{pair.Key}={pair.Value}", $"the kernel parameter {pair.Key} set to {pair.Value}", $"{pair.Key}={pair.Value}"));
}
