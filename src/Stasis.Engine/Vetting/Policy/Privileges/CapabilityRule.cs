using Stasis.Engine.Containers.Create;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>
/// Finds capabilities beyond Podman's default ones in any of the five sets, and default ones in the ambient
/// set, which processes would keep without being root.
/// </summary>
internal static class CapabilityRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "cap",
        Finds = "capabilities beyond Podman's eleven, in any of the five sets. Podman's own in the inheritable set: a "
            + "warning",
        Allow = "`cap:NET_ADMIN`",
        AllowedByPrivileged = [RuleDescriptor.Every],
    };

    public static readonly RuleDescriptor AmbientRule = new()
    {
        Id = "ambient-cap",
        Finds = "Podman's capabilities in the ambient set, which processes keep without being root",
        Allow = "`ambient-cap:CHOWN`",
        AllowedByPrivileged = [RuleDescriptor.Every],
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var given = subject.Process.Capabilities;
        (string Name, IReadOnlyList<string> Set)[] sets =
        [
            ("bounding", given?.Bounding ?? []), ("effective", given?.Effective
                ?? []), ("permitted", given?.Permitted ?? []), ("inheritable", given?.Inheritable ?? []), ("ambient", given?.Ambient ?? []),
        ];
        foreach (var capability in sets
            .SelectMany(set => set.Set)
            .Distinct()
            .Except(CreateOptions.DefaultCapabilities)
            .Order(StringComparer.Ordinal))
        {
            var where = sets.Where(set => set.Set.Contains(capability)).Select(set => set.Name);
            yield return FindingFactory.Refused(
                Rule,
                $"spec.dump: process.capabilities ({string.Join(", ", where)})",
                capability,
                $"the capability {capability}",
                Short(capability));
        }
        foreach (var capability in (given?.Ambient ?? []).Intersect(CreateOptions.DefaultCapabilities))
            yield return FindingFactory.Refused(
                AmbientRule,
                "spec.dump: process.capabilities.ambient",
                capability,
                $"its processes keep {capability} without being root",
                Short(capability));
        // Older engines left capabilities inheritable. That gives root nothing that it doesn't have (CVE-2022-29162).
        if ((given?.Inheritable ?? [])
            .Intersect(CreateOptions.DefaultCapabilities)
            .Except(given?.Ambient ?? [])
            .ToList() is { Count: > 0 } inheritable)
            yield return FindingFactory.Warning(
                Rule,
                "spec.dump: process.capabilities.inheritable",
                string.Join(',', inheritable),
                "inheritable capabilities, which older engines left");
    }

    private static string Short(string capability) =>
        capability.StartsWith("CAP_", StringComparison.Ordinal) ? capability[4..] : capability;
}

internal static partial class PrivilegeCheckList
{
    internal static readonly PolicyCheck Capability = Add(new(80, CapabilityRule.Check, CapabilityRule.Rule, CapabilityRule.AmbientRule));
}
