using Stasis.Engine.Containers;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>
/// Capabilities beyond Podman's default ones, in any of the five sets; and default ones that are ambient, which its processes would keep without being root.
/// </summary>
internal static class CapabilityRule
{
    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var given = subject.Process.Capabilities;
        (string Name, IReadOnlyList<string> Set)[] sets =
        [
            ("bounding", given?.Bounding ?? []), ("effective", given?.Effective ?? []), ("permitted", given?.Permitted ?? []), ("inheritable", given?.Inheritable ?? []), ("ambient", given?.Ambient ?? []),
        ];
        foreach (var capability in sets.SelectMany(set => set.Set).Distinct().Except(CreateOptions.DefaultCapabilities).Order(StringComparer.Ordinal))
        {
            var where = sets.Where(set => set.Set.Contains(capability)).Select(set => set.Name);
            yield return FindingFactory.Refused("cap", $"spec.dump: process.capabilities ({string.Join(", ", where)})", capability, $"the capability {capability}", Short(capability));
        }
        foreach (var capability in (given?.Ambient ?? []).Intersect(CreateOptions.DefaultCapabilities))
            yield return FindingFactory.Refused("ambient-cap", "spec.dump: process.capabilities.ambient", capability, $"its processes keep {capability} without being root", Short(capability));
        // What older engines left inheritable for root, which gives it nothing that it hasn't (CVE-2022-29162).
        if ((given?.Inheritable ?? []).Intersect(CreateOptions.DefaultCapabilities).Except(given?.Ambient ?? []).ToList() is { Count: > 0 } inheritable)
            yield return FindingFactory.Warning("cap", "spec.dump: process.capabilities.inheritable", string.Join(',', inheritable), "inheritable capabilities, which older engines left");
    }

    private static string Short(string capability) => capability.StartsWith("CAP_", StringComparison.Ordinal) ? capability[4..] : capability;
}
