using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Limits;

/// <summary>Finds kernel parameters beyond the one that every container gets (containers.conf: default_sysctls).</summary>
internal static class SysctlRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "sysctl",
        Finds = "kernel parameters, except Podman's `net.ipv4.ping_group_range=0 0`",
        Allow = "`sysctl:net.core.somaxconn=100`",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject) => (subject.Linux.Sysctl ?? new Dictionary<string, string>())
        .Where(pair => !(pair.Key == "net.ipv4.ping_group_range" && pair.Value == "0 0"))
        .Select(pair => FindingFactory.Refused(
            Rule,
            $"spec.dump: linux.sysctl[{pair.Key}]",
            $"{pair.Key}={pair.Value}",
            $"the kernel parameter {pair.Key} set to {pair.Value}",
            $"{pair.Key}={pair.Value}"));
}

internal static partial class LimitCheckList
{
    internal static readonly PolicyCheck Sysctl = Add(new(130, SysctlRule.Check, SysctlRule.Rule));
}
