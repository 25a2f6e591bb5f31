using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy.Privileges;

namespace Stasis.Engine.Vetting.Policy.Mounts;

/// <summary>
/// Finds mount options: propagation to or from the host, writable /sys and /sys/fs/cgroup, and every option
/// that isn't known to be harmless, such as an overlay's lowerdir. Finds the root's propagation, too.
/// </summary>
internal static class MountOptionRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "mount-option",
        Finds = "propagation to or from the host, writable `/sys` or `/sys/fs/cgroup`, options that aren't known to "
            + "be harmless (`lowerdir=…`)",
        Allow = "`mount-option:/data:rshared`, `mount-option:/sys:rw`",
        AllowedByPrivileged = ["/sys:rw", "/sys/fs/cgroup:rw"],
    };

    public static readonly RuleDescriptor PropagationRule = new()
    {
        Id = "rootfs-propagation",
        Finds = "propagation of the root file system",
        Allow = "`rootfs-propagation:shared`",
    };

    private static readonly string[] Plain =
    [
        "", "defaults", "bind", "rbind", "ro", "rw", "rro", "private", "rprivate", "unbindable", "runbindable",
        "nosuid", "nodev", "noexec", "suid", "dev", "exec", "rnosuid", "rnodev", "rnoexec", "relatime", "norelatime",
        "noatime", "nodiratime", "atime", "diratime", "strictatime", "nostrictatime", "sync", "async", "dirsync",
        "lazytime", "nolazytime", "nosymfollow", "tmpcopyup", "copyup", "newinstance", "noswap",
    ];

    private static readonly string[] PlainKeys = ["mode", "size", "nr_inodes", "uid", "gid", "ptmxmode", "max", "hidepid", "subset"];
    private static readonly string[] PlainRoot = ["", "private", "rprivate", "unbindable", "runbindable"];

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        foreach (var (mount, index) in (subject.Spec.Mounts ?? []).Select((mount, index) => (mount, index)))
        {
            var where = $"spec.dump: mounts[{index}].options";
            foreach (var option in (mount.Options ?? []).Where(option => !IsPlain(option, mount)))
                yield return FindingFactory.Refused(Rule, where, option, Why(option, mount), $"{mount.Destination}:{option}");
            if (mount.Type is "sysfs" or "cgroup" && !RestoredMountSources.IsBind(mount)
                && !mount.IsReadOnly)
                yield return FindingFactory.Refused(Rule, where, "rw", $"{mount.Destination} can be written to", $"{mount.Destination}:rw");
        }
        if (subject.Linux.RootfsPropagation is { } propagation && !PlainRoot.Contains(propagation))
            yield return FindingFactory.Refused(
                PropagationRule,
                "spec.dump: linux.rootfsPropagation",
                propagation,
                "mounts pass between its root and the host",
                propagation);
    }

    private static bool IsPlain(string option, OciMount mount) =>
        Plain.Contains(option)
        || (option.Split('=', 2) is [var key, var value]
            && (PlainKeys.Contains(key)
                || (key is "context" or "fscontext" or "rootcontext" or "defcontext" && LsmRule.IsPlainFile(value.Trim('"')))))
        // Options of Stasis's own binds, whose source is a folder of Stasis. Podman changes the owner of a
        // volume's content once, on creation.
        || (option is "U" or "z" or "Z" or "nocopy" or "copy" && RestoredMountSources.IsBind(mount));

    private static string Why(string option, OciMount mount) => option is "shared" or "rshared" or "slave" or "rslave"
        ? $"mounts at {mount.Destination} pass between it and the host"
        : $"an option of the mount at {mount.Destination} that a plain container doesn't have";
}

internal static partial class MountCheckList
{
    internal static readonly PolicyCheck MountOption =
        Add(new(60, MountOptionRule.Check, MountOptionRule.Rule, MountOptionRule.PropagationRule));
}
