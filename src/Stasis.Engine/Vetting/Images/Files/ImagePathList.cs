using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Every path of the images that CRIU will resolve. <see cref="PathImageRule"/> judges their text as they are added; once the root
/// file system is mounted, <see cref="Vetting.Paths.RootfsPathCheck"/> resolves them.
/// </summary>
internal sealed class ImagePathList(ImageDirectory images)
{
    /// <summary>
    /// Limits of what one checkpoint can have: paths, and names in all of them. A process of 100,000 open files has a fifth of the
    /// first and, at ten names each, half of the second. They bound the memory and the system calls that a check takes.
    /// </summary>
    public const int MaxPaths = 500_000, MaxNames = 2_000_000;

    private readonly List<ImagePathField> _paths = [];
    private Dictionary<uint, MountPointIndex>? _namespaces;
    private MountPointIndex? _first;
    private HashSet<uint>? _containerDevices;
    private int _names;

    /// <summary>The paths, in the order in which the checks found them.</summary>
    public IReadOnlyList<ImagePathField> Paths => _paths;

    /// <summary>
    /// By the device of a tmpfs that CRIU fills: the symbolic links in it, as paths beneath its root with their targets.
    /// </summary>
    public Dictionary<uint, Dictionary<string, string>> TmpfsLinks { get; } = [];

    /// <summary>The mount namespaces, by the ID of each of their mounts.</summary>
    public IReadOnlyDictionary<uint, MountPointIndex> Namespaces => _namespaces ??= ReadNamespaces();

    /// <summary>The first mount namespace, where CRIU resolves paths that name no mount.</summary>
    public MountPointIndex First => Namespaces.Count == 0 ? _first ??= new MountPointIndex([]) : _first!;

    /// <summary>Devices of file systems that CRIU mounts, or that are the root: no mount from outside shows a part of them.</summary>
    public IReadOnlySet<uint> ContainerDevices => _containerDevices ??= FindContainerDevices();

    /// <summary>Adds a path. Returns false if there are more than <see cref="MaxPaths"/> or <see cref="MaxNames"/> allow.</summary>
    public bool TryAdd(ImagePathField path)
    {
        _names += path.Bytes.AsSpan().Count((byte)'/');
        if (_paths.Count == MaxPaths || _names > MaxNames)
            return false;
        _paths.Add(path);
        return true;
    }

    /// <summary>The finding for a path that <see cref="TryAdd"/> didn't take.</summary>
    public static void RefuseMore(ImageVerification verification, RuleDescriptor rule, string where) =>
        verification.Refuse(rule, where, $"{MaxPaths}", $"more than {MaxPaths} paths, or {MaxNames} names in them, no checkpoint has");

    private HashSet<uint> FindContainerDevices()
    {
        var mounts = Namespaces.Values.Distinct().SelectMany(mounts => mounts.All).ToList();
        var devices = mounts.Where(mount => !mount.IsExternal).Select(mount => mount.Device).ToHashSet();
        devices.ExceptWith(mounts.Where(mount => mount.IsExternal).Select(mount => mount.Device));
        return devices;
    }

    private Dictionary<uint, MountPointIndex> ReadNamespaces()
    {
        var all = new Dictionary<uint, MountPointIndex>();
        foreach (var file in images.Files().Where(file => ImageKind.Find(file) is { Kind.Name: "mountpoints-" }))
        {
            var where = images.Where(file);
            var records = images.Read(file).Select((record, index) => MountNode.FromRecord(record, 0, $"{where}[{index}]"));
            var mounts = new MountPointIndex([.. records]);
            _first ??= mounts;
            foreach (var mount in mounts.All)
                all.TryAdd(mount.Id, mounts);
        }
        return all;
    }
}
