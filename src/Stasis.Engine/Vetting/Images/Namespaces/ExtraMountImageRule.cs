using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// Mounts that the spec doesn't have, in a container whose processes may mount (CAP_SYS_ADMIN). Allowed, such a mount is one of the
/// kernel's own file systems, whole, that CRIU mounts: nothing of the host's disks, and no part of another mount, which
/// could lead through a link.
/// </summary>
internal static class ExtraMountImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-own-mount",
        Finds = "in a container with CAP_SYS_ADMIN: proc, sysfs, tmpfs, devpts and mqueue mounts that the spec doesn't have, and "
            + "mounts that pass changes on to one another",
        Allow = "`own-mount:/mnt`",
        AllowName = "own-mount",
        AllowedByPrivileged = [RuleDescriptor.Every],
    };

    /// <summary>Refuses a mount that the spec doesn't have; returns false if no flag could allow it, and the caller refuses it.</summary>
    public static bool TryRefuse(ImageVerification verification, MountNode mount, bool isShared)
    {
        if (!verification.Allowed.May("CAP_SYS_ADMIN") || mount.IsExternal || mount.Root != "/" || isShared
            || !ExpectedMounts.IsKernels(mount.FileSystem) || mount.Device >> 20 != 0)
            return false;
        verification.Refuse(
            Rule,
            mount.Where,
            mount.Point,
            "a mount that the spec doesn't have, and that a process of the container with CAP_SYS_ADMIN can have made",
            mount.Point);
        return true;
    }

    /// <summary>Refuses a mount that passes mounts on to others, or takes theirs, although the spec doesn't say so.</summary>
    public static void RefusePropagation(ImageVerification verification, MountNode mount)
    {
        // An external one would be joined to the host's.
        var exact = verification.Allowed.May("CAP_SYS_ADMIN") && !mount.IsExternal && !mount.IsRoot ? mount.Point : null;
        verification.Refuse(
            exact is null ? MountTreeImageRule.Rule : Rule,
            $"{mount.Where}: shared_id, master_id, flags",
            mount.Point,
            "mounts would pass between it and others, and the spec doesn't say so",
            exact);
    }
}

internal static partial class NamespaceImageCheckList
{
    internal static readonly ImageCheck OwnMount = Add(new(61, null, ExtraMountImageRule.Rule));
}
