using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Vetting.Images;

/// <summary>The mounts that runtimes make for a spec's mounts, masked and read-only paths.</summary>
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
        Mounts = [.. (spec.Mounts ?? []).Select(mount => mount with { Destination = TrimSlash(mount.Destination) })];
        foreach (var mount in Mounts)
            _byDestination[mount.Destination] = mount; // the last mount is on top
        _masked = [.. spec.Linux?.MaskedPaths ?? []];
        _readOnly = [.. spec.Linux?.ReadonlyPaths ?? []];
        _cgroupNamespace = spec.Linux?.Namespaces?.Any(space => space.Type == "cgroup") == true;
        _terminal = spec.Process?.Terminal == true;
    }

    public IReadOnlyList<OciMount> Mounts { get; }

    public OciMount? At(string destination) => _byDestination.GetValueOrDefault(destination);

    /// <summary>The innermost bind mount of the host that a path lies beneath; null if there is none.</summary>
    public OciMount? BindAbove(string point)
    {
        var above = Mounts
            .Where(mount => mount.Destination != point && ImagePaths.IsWithin(point, mount.Destination))
            .MaxBy(mount => mount.Destination.Length);
        return above is not null && RestoredMounts.IsBind(above) ? above : null;
    }

    /// <summary>
    /// Whether CRIU may mount a file system (enum fstype of images/mnt.proto): one of the kernel's own,
    /// without data of the host's disks.
    /// </summary>
    public static bool IsKernels(uint fileSystem) =>
        fileSystem is MountNode.Proc or MountNode.Sysfs or MountNode.Tmpfs or MountNode.Devpts or MountNode.Mqueue;

    /// <summary>Whether the spec has the runtime mount such a file system at that place.</summary>
    public bool IsOwn(MountNode mount) =>
        mount.Root == "/" && (At(mount.Point) is { Type: { } type }
            ? Types.GetValueOrDefault(type)?.Contains(mount.FileSystem) == true
            : mount.FileSystem == MountNode.Tmpfs && IsMask(mount));

    /// <summary>Whether a mount shows a part of a file system that is mounted elsewhere: a path made read-only, or the terminal.</summary>
    public bool IsSub(MountNode mount) =>
        _readOnly.Contains(mount.Point) || (_terminal && mount.Point == Console && mount.FileSystem == MountNode.Devpts);

    /// <summary>Whether a mount hides a masked path: /dev/null over a file, an empty and read-only folder over a folder.</summary>
    public bool IsMask(MountNode mount) => _masked.Contains(mount.Point) && (!mount.IsExternal
        ? (mount.Flags & 1) != 0
        // runc's key, and crun's two
        : mount.Key is "/dev/null" || mount.Key == mount.Point || mount.Key!.EndsWith("/.empty-directory", StringComparison.Ordinal));

    /// <summary>
    /// Whether a mount shows the container's cgroups from within its own cgroup namespace. CRIU mounts these
    /// itself; without the namespace it would mount those of the whole host.
    /// </summary>
    public bool IsOwnCgroup(MountNode mount) => _cgroupNamespace && mount.Root == "/" && At(CgroupPath) is { Type: "cgroup" }
        && (mount.FileSystem == MountNode.Cgroup2
            ? ImagePaths.IsWithin(mount.Point, CgroupPath)
            : mount.FileSystem == MountNode.Cgroup && IsCgroup(mount.Point));

    /// <summary>Whether a path is the mount point of a cgroup v1 hierarchy.</summary>
    public bool IsCgroup(string point) => At(CgroupPath) is { Type: "cgroup" }
        && point.StartsWith(CgroupPath + "/", StringComparison.Ordinal)
        && point.LastIndexOf('/') == CgroupPath.Length;

    /// <summary>
    /// Whether a mount may be a bind of the spec whose destination leads through a symbolic link of the
    /// image, so that only the last names are equal.
    /// </summary>
    public static bool MayBe(string point, OciMount wanted) =>
        wanted.Type is "bind" or null
            && point[(point.LastIndexOf('/') + 1)..] == wanted.Destination[(wanted.Destination.LastIndexOf('/') + 1)..];

    private static string TrimSlash(string path) => path.Length > 1 ? path.TrimEnd('/') : path;
}
