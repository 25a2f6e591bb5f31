using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Mounts;

/// <summary>
/// File systems other than binds. A plain container has the kernel's own at their places, where paths in them are masked; a second /proc would show what is
/// hidden in the first. tmpfs, devpts and mqueue are its own wherever they are.
/// </summary>
internal static class MountTypeRule
{
    public static IEnumerable<Finding> Check(VettingSubject subject) =>
        from item in (subject.Spec.Mounts ?? []).Select((mount, index) => (Mount: mount, Index: index))
        where !RestoredMounts.IsBind(item.Mount) && !IsPlain(item.Mount)
        let exact = $"{item.Mount.Type}:{item.Mount.Source}:{item.Mount.Destination}"
        select FindingFactory.Refused("mount-type", $"spec.dump: mounts[{item.Index}]", exact, $"a file system of type \"{item.Mount.Type}\" at {item.Mount.Destination}", exact);

    private static bool IsPlain(OciMount mount) => mount.Type switch
    {
        "tmpfs" or "devpts" or "mqueue" => true,
        "proc" => mount.Destination == "/proc",
        "sysfs" => mount.Destination == "/sys",
        "cgroup" => mount.Destination == "/sys/fs/cgroup",
        _ => false,
    };
}
