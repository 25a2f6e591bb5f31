using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy.Limits;
using Stasis.Engine.Vetting.Policy.Mounts;
using Stasis.Engine.Vetting.Policy.Privileges;
using Stasis.Engine.Vetting.Policy.References;

namespace Stasis.Engine.Vetting.Policy;

/// <summary>All rules, in the order in which findings are listed. A new one is a file in Rules/ and a line here.</summary>
internal static class PolicyRules
{
    private static readonly Func<VettingSubject, IEnumerable<Finding>>[] All =
    [
        PrivilegedRule.Check, HookRule.Check, NamespaceRule.Check, MountRule.Check, MountTypeRule.Check, MountOptionRule.Check, DeviceRule.Check, CapabilityRule.Check, SeccompRule.Check,
        LsmRule.Check, NoNewPrivilegesRule.Check, PathMaskRule.Check, SysctlRule.Check, ResourceRule.Check, CgroupRule.Check, RlimitRule.Check, OomScoreRule.Check, IdMappingRule.Check,
        PersonalityRule.Check, FieldRule.Check, AnnotationRule.Check, RuntimeRule.Check, HostPathRule.Check, BaseImageRule.Check, VolumeRule.Check, SecretRule.Check, NetworkRule.Check,
        DescriptorRule.Check, CdiRule.Check, ContentRule.Check,
    ];

    /// <summary>What they find.</summary>
    public static IReadOnlyList<Finding> Check(VettingSubject subject) => [.. All.SelectMany(rule => rule(subject))];
}
