using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Mounts that the container has made of file systems that CRIU doesn't know (CRIU 4.2, criu/filesystems.c; criu/mount.c: "FS mnt …
/// unsupported", "always fail"). What the spec mounts is external to CRIU, and so may what lies beneath be.
/// </summary>
internal static class MountCheck
{
    private const string Kind = "mount";

    private static readonly HashSet<string> Dumped =
    [
        "proc", "sysfs", "devtmpfs", "binfmt_misc", "tmpfs", "devpts", "simfs", "pstore", "mqueue", "securityfs", "fusectl", "debugfs",
        "tracefs", "cgroup", "cgroup2", "aufs", "overlay", "autofs",
    ];

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        var given = context.Container.Spec.Mounts?.Where(IsBind).Select(mount => mount.Destination).ToList() ?? [];
        return
            from mount in context.Mounts
            where mount.Root == "/" && mount.Point != "/" && !Dumped.Contains(mount.Type)
            where !given.Any(point => mount.Point == point || mount.Point.StartsWith(point.TrimEnd('/') + "/", StringComparison.Ordinal))
            select new PreflightFinding
            {
                Severity = context.CriuLimit,
                Kind = Kind,
                Path = mount.Point,
                Message = $"the mount {mount.Point} is of a file system that CRIU can't dump ({mount.Type})",
                Remedy = "unmount it, or give it to the container as a volume (--volume)",
            };
    }

    private static bool IsBind(OciMount mount) => mount.Type is "bind" or "none" or null
        || mount.Options?.Contains("bind") == true || mount.Options?.Contains("rbind") == true;
}
