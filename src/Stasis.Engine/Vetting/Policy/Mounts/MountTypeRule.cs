using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Mounts;

/// <summary>
/// Finds file systems other than binds. A plain container has the kernel's own at their usual places, where
/// paths in them are masked. A second /proc would show what is masked in the first. tmpfs, devpts and mqueue
/// belong to the container wherever they are mounted.
/// </summary>
internal static class MountTypeRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "mount-type",
        Finds = "file systems other than proc, sysfs and cgroup at their places, tmpfs, devpts, mqueue",
        Allow = "`mount-type:ext4:/dev/sda1:/data`",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject) =>
        from item in (subject.Spec.Mounts ?? []).Select((mount, index) => (Mount: mount, Index: index))
        where !RestoredMountSources.IsBind(item.Mount) && !IsPlain(item.Mount)
        let exact = $"{item.Mount.Type}:{item.Mount.Source}:{item.Mount.Destination}"
        select FindingFactory.Refused(
            Rule,
            $"spec.dump: mounts[{item.Index}]",
            exact,
            $"a file system of type \"{item.Mount.Type}\" at {item.Mount.Destination}",
            exact);

    private static bool IsPlain(OciMount mount) => mount.Type switch
    {
        "tmpfs" or "devpts" or "mqueue" => true,
        "proc" => mount.Destination == "/proc",
        "sysfs" => mount.Destination == "/sys",
        "cgroup" => mount.Destination == "/sys/fs/cgroup",
        _ => false,
    };
}

internal static partial class MountCheckList
{
    internal static readonly PolicyCheck MountType = Add(new(50, MountTypeRule.Check, MountTypeRule.Rule));
}
