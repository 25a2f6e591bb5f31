using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Oci.Spec;

namespace Stasis.Engine.Vetting.Images;

/// <summary>What runtimes make of a spec's mounts, masked and read-only paths.</summary>
internal sealed class SpecMounts
{
    private const string CgroupPath = "/sys/fs/cgroup", Console = "/dev/console";

    private static readonly Dictionary<string, uint[]> Types = new()
    {
        ["proc"] = [MountNode.Proc],
        ["sysfs"] = [MountNode.Sysfs],
        ["tmpfs"] = [MountNode.Tmpfs],
        ["devpts"] = [MountNode.Devpts],
        ["mqueue"] = [MountNode.Mqueue],
        ["devtmpfs"] = [MountNode.DevTmpfs],
        ["cgroup"] = [MountNode.Tmpfs], // cgroup v1: a folder for the hierarchies
    };

    private readonly Dictionary<string, OciMount> _byDestination = [];
    private readonly HashSet<string> _masked, _readOnly;
    private readonly bool _terminal, _cgroupNamespace;

    public SpecMounts(OciSpec spec)
    {
        Mounts = [.. (spec.Mounts ?? []).Select(mount => mount with { Destination = mount.Destination.Length > 1 ? mount.Destination.TrimEnd('/') : mount.Destination })];
        foreach (var mount in Mounts)
            _byDestination[mount.Destination] = mount; // the last one is on top
        _masked = [.. spec.Linux?.MaskedPaths ?? []];
        _readOnly = [.. spec.Linux?.ReadonlyPaths ?? []];
        _cgroupNamespace = spec.Linux?.Namespaces?.Any(space => space.Type == "cgroup") == true;
        _terminal = spec.Process?.Terminal == true;
    }

    public IReadOnlyList<OciMount> Mounts { get; }

    public OciMount? At(string destination) => _byDestination.GetValueOrDefault(destination);

    /// <summary>The bind of the host's that a path lies beneath, the innermost one; null if it lies beneath none.</summary>
    public OciMount? BindAbove(string point) => Mounts
        .Where(mount => mount.Destination != point && ImagePaths.IsWithin(point, mount.Destination)).OrderByDescending(mount => mount.Destination.Length).FirstOrDefault() is { } above && RestoredMounts.IsBind(above) ? above : null;

    /// <summary>Whether CRIU may mount such a file system: the kernel's own, which hold nothing of the host's disks. enum fstype of images/mnt.proto.</summary>
    public static bool IsKernels(uint fileSystem) => fileSystem is MountNode.Proc or MountNode.Sysfs or MountNode.Tmpfs or MountNode.Devpts or MountNode.Mqueue;

    /// <summary>Whether it is a file system that the spec has the runtime mount there.</summary>
    public bool IsOwn(MountNode mount) =>
        mount.Root == "/" && (At(mount.Point) is { Type: { } type } ? Types.GetValueOrDefault(type)?.Contains(mount.FileSystem) == true : mount.FileSystem == MountNode.Tmpfs && IsMask(mount));

    /// <summary>Whether it is a part of a file system that is mounted elsewhere: a path made read-only, or the terminal.</summary>
    public bool IsSub(MountNode mount) => _readOnly.Contains(mount.Point) || (_terminal && mount.Point == Console && mount.FileSystem == MountNode.Devpts);

    /// <summary>Whether it hides a masked path: /dev/null over a file, an empty and read-only folder over a folder.</summary>
    public bool IsMask(MountNode mount) => _masked.Contains(mount.Point) && (!mount.IsExternal
        ? (mount.Flags & 1) != 0
        : mount.Key is "/dev/null" || mount.Key == mount.Point || mount.Key!.EndsWith("/.empty-directory", StringComparison.Ordinal)); // runc's key, and crun's two

    /// <summary>
    /// Whether it is of the container's cgroups, seen from a cgroup namespace of its own: CRIU mounts those itself, and without the namespace it would mount the whole host's.
    /// </summary>
    public bool IsOwnCgroup(MountNode mount) => _cgroupNamespace && mount.Root == "/" && At(CgroupPath) is { Type: "cgroup" }
        && (mount.FileSystem == MountNode.Cgroup2 ? ImagePaths.IsWithin(mount.Point, CgroupPath) : mount.FileSystem == MountNode.Cgroup && IsCgroup(mount.Point));

    /// <summary>Whether it is one of cgroup v1's hierarchies.</summary>
    public bool IsCgroup(string point) => At(CgroupPath) is { Type: "cgroup" } && point.StartsWith(CgroupPath + "/", StringComparison.Ordinal) && point.LastIndexOf('/') == CgroupPath.Length;

    /// <summary>Whether a mount may be that of the spec, reached through a link in the image: only then do its last names agree alone.</summary>
    public static bool MayBe(string point, OciMount wanted) =>
        wanted.Type is "bind" or null && point[(point.LastIndexOf('/') + 1)..] == wanted.Destination[(wanted.Destination.LastIndexOf('/') + 1)..];
}
