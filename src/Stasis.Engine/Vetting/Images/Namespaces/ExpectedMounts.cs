using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// The mounts that runc and crun make for a spec: its mounts, its masked and read-only paths, the terminal, and the hierarchies of
/// cgroup v1.
/// </summary>
internal sealed class ExpectedMounts
{
    public const string CgroupPath = "/sys/fs/cgroup", Console = "/dev/console", Terminals = "/dev/pts";

    private static readonly string[] Shared = ["shared", "rshared"], Slave = ["slave", "rslave"];
    private static readonly string[] Unbindable = ["unbindable", "runbindable"];

    private readonly Dictionary<string, SpecMount> _byDestination = [];
    private readonly HashSet<string> _masked, _readOnly;
    private readonly bool _terminal;
    private readonly string _rootPropagation;

    public ExpectedMounts(OciSpec spec)
    {
        Mounts = [.. (spec.Mounts ?? []).Select(mount => new SpecMount(mount))];
        foreach (var mount in Mounts)
            _byDestination[mount.Destination] = mount; // the last mount is on top
        _masked = [.. (spec.Linux?.MaskedPaths ?? []).Select(SpecMount.Clean)];
        _readOnly = [.. (spec.Linux?.ReadonlyPaths ?? []).Select(SpecMount.Clean)];
        HasCgroupNamespace = spec.Linux?.Namespaces?.Any(space => space.Type == "cgroup") == true;
        _terminal = spec.Process?.Terminal == true;
        _rootPropagation = spec.Linux?.RootfsPropagation ?? "";
    }

    public IReadOnlyList<SpecMount> Mounts { get; }

    public bool HasCgroupNamespace { get; }

    /// <summary>How many mounts there can be at most, those of binds' sources and of the container's own making left out.</summary>
    public int Most => 1 + Mounts.Count + _masked.Count + _readOnly.Count;

    public SpecMount? At(string destination) => _byDestination.GetValueOrDefault(destination);

    public bool IsMasked(string point) => _masked.Contains(point);

    /// <summary>Whether a path of /proc or /sys is made read-only: by a bind of the path onto itself.</summary>
    public bool IsReadOnlyPath(string point) => _readOnly.Contains(point);

    /// <summary>Whether a path is where the runtime binds the container's terminal.</summary>
    public bool IsConsole(string point) => _terminal && point == Console;

    /// <summary>Whether a path is the mount point of a cgroup v1 hierarchy, or of cgroup2 beside those.</summary>
    public bool IsHierarchy(string point) => At(CgroupPath) is { Type: "cgroup" }
        && point.StartsWith(CgroupPath + "/", StringComparison.Ordinal)
        && point.LastIndexOf('/') == CgroupPath.Length;

    /// <summary>The innermost bind mount of the host that a path lies beneath; null if there is none.</summary>
    public SpecMount? BindAbove(string point)
    {
        for (var slash = point.LastIndexOf('/'); slash > 0; slash = point.LastIndexOf('/', slash - 1))
        {
            if (At(point[..slash]) is { } above)
                return above.IsBind ? above : null;
        }
        return null;
    }

    /// <summary>Flags of propagation that a mount may have: those that its options or the root's propagation bring.</summary>
    public uint Propagation(SpecMount? mount)
    {
        var flags = 0u;
        if (Shared.Contains(_rootPropagation) || mount?.HasOption(Shared) == true)
            flags |= MountNode.Shared | MountNode.Slave;
        if (Slave.Contains(_rootPropagation) || mount?.HasOption(Slave) == true)
            flags |= MountNode.Slave;
        if (Unbindable.Contains(_rootPropagation) || mount?.HasOption(Unbindable) == true)
            flags |= MountNode.Unbindable;
        return flags;
    }

    /// <summary>
    /// Whether a mount hides a masked path: /dev/null over a file, an empty folder over a folder. runc's keys and roots
    /// (/dev/null), then crun's (the path itself, the empty folder in its state).
    /// </summary>
    public bool IsMask(MountNode mount)
    {
        const string Empty = "/.empty-directory";
        if (!IsMasked(mount.Point))
            return false;
        if (!mount.IsExternal)
            return mount is { FileSystem: MountNode.Tmpfs, Root: "/" } && mount.HasFlags(MountNode.ReadOnly);
        // Not always read-only: of several such mounts, CRIU restores one without its flags. What it binds is the runtime's empty folder,
        // whatever the flags.
        if (mount.Key!.EndsWith(Empty, StringComparison.Ordinal))
            return mount.Root.EndsWith(Empty, StringComparison.Ordinal);
        return (mount.Key == "/dev/null" || mount.Key == mount.Point) && MountNode.LastName(mount.Root) == "null";
    }

    /// <summary>
    /// Whether CRIU may mount a file system (enum fstype of images/mnt.proto): one of the kernel's own, without data of the host's disks.
    /// </summary>
    public static bool IsKernels(uint fileSystem) =>
        fileSystem is MountNode.Proc or MountNode.Sysfs or MountNode.Tmpfs or MountNode.Devpts or MountNode.Mqueue;
}
