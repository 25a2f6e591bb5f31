using System.Text.Json;
using System.Text.RegularExpressions;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;
using Stasis.Engine.Vetting.Policy.References;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>Finds AppArmor profiles and SELinux labels other than those that engines give to every container.</summary>
internal static partial class LsmRule
{
    public static readonly RuleDescriptor ApparmorRule = new()
    {
        Id = "apparmor",
        Finds = "an AppArmor profile that isn't an engine's default one",
        Allow = "`apparmor:unconfined`",
        AllowedByPrivileged = [RuleDescriptor.Every],
    };

    public static readonly RuleDescriptor SelinuxRule = new()
    {
        Id = "selinux",
        Finds = "an SELinux label of processes or files that isn't a plain container's",
        Allow = "`selinux:system_u:system_r:spc_t:s0`",
        AllowedByPrivileged = [RuleDescriptor.Every],
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Process.ApparmorProfile is { Length: > 0 } profile && !PlainProfile().IsMatch(profile))
            yield return FindingFactory.Refused(
                ApparmorRule,
                "spec.dump: process.apparmorProfile",
                profile,
                profile == "unconfined" ? "AppArmor doesn't confine it" : "an AppArmor profile that isn't the default one",
                profile);
        if (subject.Process.SelinuxLabel is { Length: > 0 } label && !PlainProcess().IsMatch(label))
            yield return FindingFactory.Refused(
                SelinuxRule,
                "spec.dump: process.selinuxLabel",
                label,
                "an SELinux label that isn't a plain container's",
                label);
        if (subject.Linux.Unknown?.TryGetValue(UnknownSpecFieldRule.MountLabel, out var mount) == true
            && !CanonicalJsonText.IsEmpty(mount)
            && !(mount.ValueKind == JsonValueKind.String && (mount.GetString() == "" || IsPlainFile(mount.GetString()!))))
            yield return FindingFactory.Refused(
                SelinuxRule,
                "spec.dump: linux.mountLabel",
                CanonicalJsonText.Bare(mount),
                "an SELinux label of its files that isn't a plain container's",
                $"mount={CanonicalJsonText.Bare(mount)}");
    }

    /// <summary>Whether an SELinux label is that of plain containers' files.</summary>
    public static bool IsPlainFile(string label) => PlainFiles().IsMatch(label);

    [GeneratedRegex(@"\A(containers-default-[0-9.]+|crio-default|docker-default)\z")]
    private static partial Regex PlainProfile();

    [GeneratedRegex(@"\Asystem_u:system_r:container(_init|_kvm)?_t:s0:c[0-9]+,c[0-9]+\z")]
    private static partial Regex PlainProcess();

    [GeneratedRegex(@"\Asystem_u:object_r:container_(file|ro_file)_t:s0(:c[0-9]+,c[0-9]+)?\z")]
    private static partial Regex PlainFiles();
}

internal static partial class PrivilegeCheckList
{
    internal static readonly PolicyCheck Lsm = Add(new(100, LsmRule.Check, LsmRule.ApparmorRule, LsmRule.SelinuxRule));
}
