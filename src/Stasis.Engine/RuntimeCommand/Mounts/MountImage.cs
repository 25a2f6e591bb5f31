using Stasis.Engine.Criu.Images;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Namespaces;

namespace Stasis.Engine.RuntimeCommand.Mounts;

/// <summary>
/// Fits the mounts in images (mountpoints-N.img) to a spec: makes external what the spec binds, makes a file system in memory where the
/// spec has one, adds what the images don't have, and sets the spec's restrictions. CRIU then mounts all of it. The image verifier compares
/// the result with the spec.
/// </summary>
internal sealed class MountImage
{
    private const uint RelativeTime = 1 << 21; // MS_RELATIME
    private const uint OtherFileSystem = 0; // enum fstype: UNSUPPORTED, as CRIU writes it for a bind of a disk
    private const int MaxMounts = 10_000;
    private const string MaskKey = "/dev/null", MaskRoot = "/null"; // runc's

    private static readonly ImageKind Kind = ImageKind.Get("mountpoints-"), Ids = ImageKind.Get("ids-"), Tree = ImageKind.Get("pstree");

    // Options of a tmpfs that the kernel shows, and that its spec decides.
    private static readonly string[] TmpfsOptions = ["size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "huge", "mpol"];

    private readonly string _path;
    private readonly List<ImageRecord> _records;
    private readonly TmpfsContent _content;
    private readonly MountPointResolver _points;
    private readonly ExpectedMounts _expected;
    private readonly HashSet<string> _added = [];
    private readonly HashSet<uint> _dropped = [];
    private uint _lastId, _lastDevice;

    private MountImage(string images, string path, OciSpec spec, MountPointResolver points)
    {
        (_path, _points, _content, _expected) = (path, points, new TmpfsContent(images), new ExpectedMounts(spec));
        _records = LocalImageFile.Read(path, Kind);
        if (_records.Count > MaxMounts)
            throw new InvalidDataException($"{path}: more than {MaxMounts} mounts");
        foreach (var mount in Nodes)
            (_lastId, _lastDevice) = (Math.Max(_lastId, mount.Id), Math.Max(_lastDevice, mount.Device & 0xfffff));
    }

    private IEnumerable<MountNode> Nodes => _records.Select(Node);

    /// <summary>The image of the container's own mount namespace; null if there is none, which the verifier reports.</summary>
    /// <param name="images">The folder of images.</param>
    public static string? Find(string images)
    {
        if (LocalImageFile.TryReadFirst(Path.Combine(images, Tree.TheFile), Tree) is not { } first
            || LocalImageFile.TryReadFirst(Path.Combine(images, Ids.File(first.U32("pid"))), Ids) is not { } namespaces)
            return null;
        var path = Path.Combine(images, Kind.File(namespaces.U32("mnt_ns_id")));
        return File.Exists(path) ? path : null;
    }

    /// <summary>The mounts of an image.</summary>
    public static IReadOnlyList<MountNode> Read(string path) => [.. LocalImageFile.Read(path, Kind).Select(Node)];

    /// <summary>Fits the images.</summary>
    /// <param name="images">The folder of images.</param>
    /// <param name="path">The image in it.</param>
    /// <param name="spec">The spec.</param>
    /// <param name="points">Finds out where the spec's mounts are.</param>
    /// <param name="shm">A tar of what was bound at /dev/shm; null if there is none.</param>
    /// <param name="freed">Where to put what a file system in memory at /dev/shm had, if it is a bind now: a tar with gzip.</param>
    public static void Fit(string images, string path, OciSpec spec, MountPointResolver points, string? shm, string freed)
    {
        var image = new MountImage(images, path, spec, points);
        foreach (var wanted in image._expected.Mounts.GroupBy(mount => mount.Destination).Select(mounts => mounts.Last()))
        {
            var former = image.FitMount(wanted);
            if (former is { } device && wanted.Destination == TmpfsContent.SharedMemory)
                image._content.TryMove(device, freed);
            if (wanted.Destination == TmpfsContent.SharedMemory && shm is not null && !wanted.IsBind)
                image._content.FillIfNew(image.At(wanted)!.Device, shm);
        }
        image.RestrictRoot(spec);
        image.RestrictCgroups();
        if (image.At("/dev") is { FileSystem: MountNode.Tmpfs, IsExternal: false } devices)
            image._content.DropDevices(devices.Device, AllowedDeviceNodes.FromSpec(spec));
        image.AddMasks(spec);
        image.AddReadOnlyPaths(spec);
        image.SetParents();
        image.MakeMountPoints();
        image.RemoveContent();
        LocalImageFile.Write(path, Kind, image._records);
    }

    private MountNode? At(SpecMount wanted) => At(_points.Resolve(wanted.Destination)) ?? At(wanted.Destination);

    private MountNode? At(string point) => Nodes.FirstOrDefault(mount => mount.Point == point);

    // Returns the device of a file system in memory that isn't mounted any more.
    private uint? FitMount(SpecMount wanted)
    {
        var present = At(wanted);
        if (wanted.IsBind)
        {
            if (present is null)
                Add(CreateBind(_points.Resolve(wanted.Destination), wanted));
            else if (present.IsExternal)
                Replace(present, record => FitBind(record, present, wanted));
            else
            {
                Replace(present, _ => CreateBind(present.Point, wanted).With("mnt_id", present.Id));
                return Drop(present);
            }
            return null;
        }
        if (wanted.FileSystem is not { } fileSystem || wanted.Type == "cgroup")
        {
            if (present is not null && !present.IsExternal)
                Replace(present, record => record.With("flags", Restrict(present.Flags, wanted, except: MountNode.ReadOnly)));
            return null;
        }
        if (present is null)
            Add(CreateFileSystem(_points.Resolve(wanted.Destination), fileSystem, wanted));
        else if (present.IsExternal || present.FileSystem != fileSystem)
            Replace(present, _ => CreateFileSystem(present.Point, fileSystem, wanted).With("mnt_id", present.Id));
        else
            Replace(present, record => Fit(record, present, wanted));
        return null;
    }

    // The source is another one: what it is shared with is the new host's matter.
    private ImageRecord FitBind(ImageRecord record, MountNode present, SpecMount wanted)
    {
        var allowed = _expected.Propagation(wanted);
        if ((allowed & MountNode.Shared) == 0)
            record = record.Without("shared_id");
        if ((allowed & MountNode.Slave) == 0)
            record = record.Without("master_id");
        var dropped = MountNode.ReadOnly | ((MountNode.Shared | MountNode.Slave) & ~allowed);
        return record.With("flags", Restrict(present.Flags & ~dropped, wanted));
    }

    private static ImageRecord Fit(ImageRecord record, MountNode present, SpecMount wanted)
    {
        record = record.With("flags", Restrict(present.Flags, wanted));
        if (present.FileSystem != MountNode.Tmpfs)
            return record;
        var mode = wanted.Value("mode") is null ? present.Options.Split(',').Where(option => option.StartsWith("mode=")) : [];
        return record.With("source", Source(wanted)).With("options", string.Join(',', Options(wanted).Concat(mode)));
    }

    private ImageRecord CreateBind(string point, SpecMount wanted) =>
        Create(point, OtherFileSystem, Restrict(RelativeTime, wanted)).With("source", "none").With("options", "")
            .With("sb_flags", 0).With("ext_key", point);

    private ImageRecord CreateFileSystem(string point, uint fileSystem, SpecMount wanted)
    {
        string[] options = fileSystem switch
        {
            MountNode.Tmpfs => [.. Options(wanted)],
            MountNode.Devpts => ["gid=5", "mode=620", "ptmxmode=666", "newinstance"],
            _ => [],
        };
        var record = Create(point, fileSystem, Restrict(RelativeTime, wanted)).With("source", Source(wanted))
            .With("options", string.Join(',', options)).With("sb_flags", 0);
        if (fileSystem == MountNode.Tmpfs)
            _content.Create(record.U32("root_dev"));
        return record;
    }

    private ImageRecord Create(string point, uint fileSystem, uint flags) =>
        new ImageRecord(ReadOnlyMemory<byte>.Empty, ImageSchema.Message("mnt_entry")).With("fstype", fileSystem).With("mnt_id", ++_lastId)
            .With("root_dev", ++_lastDevice).With("parent_mnt_id", 0).With("flags", flags).With("root", "/").With("mountpoint", point);

    private void RestrictRoot(OciSpec spec)
    {
        if (spec.Root?.Readonly == true && At("/") is { } root)
            Replace(root, record => record.With("flags", root.Flags | MountNode.ReadOnly));
    }

    // cgroup v1 has a mount for each hierarchy, with the options of the whole.
    private void RestrictCgroups()
    {
        if (_expected.At(ExpectedMounts.CgroupPath) is not { } cgroups)
            return;
        for (var i = 0; i < _records.Count; i++)
        {
            if (Node(_records[i]) is var mount && _expected.IsHierarchy(mount.Point))
                _records[i] = _records[i].With("flags", Restrict(mount.Flags, cgroups));
        }
    }

    // A file gets the container's own /dev/null, a folder a file system without room, which is read-only: as runc does it.
    private void AddMasks(OciSpec spec)
    {
        var device = At("/dev");
        uint? empty = null;
        foreach (var path in MissingHere(spec.Linux?.MaskedPaths))
        {
            if (Directory.Exists(path))
            {
                var mask = Create(path, MountNode.Tmpfs, RelativeTime | MountNode.ReadOnly).With("source", "tmpfs").With("options", "")
                    .With("sb_flags", MountNode.ReadOnly);
                if (empty is { } known)
                    mask = mask.With("root_dev", known);
                else
                    _content.Create((empty = mask.U32("root_dev")).Value);
                Add(mask);
            }
            else if (device is not null)
                Add(Create(path, device.FileSystem, device.Flags).With("root_dev", device.Device).With("root", MaskRoot)
                    .With("source", device.Source).With("options", device.Options).With("sb_flags", device.FileSystemFlags ?? 0)
                    .With("ext_key", MaskKey));
        }
    }

    private void AddReadOnlyPaths(OciSpec spec)
    {
        foreach (var path in MissingHere(spec.Linux?.ReadonlyPaths))
        {
            if (At("/" + path.Split('/')[1]) is not { } whole)
                continue;
            Add(Create(path, whole.FileSystem, whole.Flags | MountNode.ReadOnly).With("root_dev", whole.Device)
                .With("root", path[whole.Point.Length..]).With("source", whole.Source).With("options", whole.Options)
                .With("sb_flags", whole.FileSystemFlags ?? 0));
        }
    }

    // Paths of the kernel's file systems that this kernel has, and at which nothing is mounted.
    private List<string> MissingHere(IEnumerable<string>? paths) =>
    [
        .. (paths ?? []).Select(SpecMount.Clean).Distinct()
            .Where(path => path.StartsWith("/proc/", StringComparison.Ordinal) || path.StartsWith("/sys/", StringComparison.Ordinal))
            .Where(path => Path.Exists(path) && At(path) is null),
    ];

    // Each mount hangs on the innermost one that its place lies in.
    private void SetParents()
    {
        var tree = new MountTree(Nodes);
        for (var i = 0; i < _records.Count; i++)
        {
            var mount = Node(_records[i]);
            if (tree.At(mount.Point) is { } known && tree.Covering(known) is { } covering)
                _records[i] = _records[i].With("parent_mnt_id", covering.Id);
        }
    }

    // In the root file system, the runtime makes what a mount needs to be mounted at. In a file system in memory, it comes from the images.
    private void MakeMountPoints()
    {
        var tree = new MountTree(Nodes);
        var places = tree.Mounts
            .Select(mount => (Mount: mount, Covering: tree.Covering(mount)))
            .Where(place => place.Covering is { FileSystem: MountNode.Tmpfs, IsExternal: false, Root: "/" } covering
                && (_added.Contains(place.Mount.Point) || _content.IsNew(covering.Device)))
            .GroupBy(place => place.Covering!.Device);
        foreach (var device in places)
        {
            _content.AddMountPoints(
                device.Key,
                device.Select(place => (place.Mount.Point[(place.Covering!.Point.Length + 1)..], !_points.IsFile(place.Mount.Point))));
        }
    }

    private void RemoveContent()
    {
        foreach (var device in _dropped.Where(device => Nodes.All(mount => mount.Device != device || mount.IsExternal)))
            _content.Remove(device);
    }

    private uint? Drop(MountNode mount)
    {
        if (mount.FileSystem != MountNode.Tmpfs)
            return null;
        _dropped.Add(mount.Device);
        return mount.Device;
    }

    private void Add(ImageRecord record)
    {
        _records.Add(record);
        _added.Add(record.Text("mountpoint"));
    }

    private void Replace(MountNode mount, Func<ImageRecord, ImageRecord> change)
    {
        var index = _records.FindIndex(record => record.U32("mnt_id") == mount.Id);
        _records[index] = change(_records[index]);
    }

    private static uint Restrict(uint flags, SpecMount wanted, uint except = 0) => flags | (wanted.Required & ~except);

    private static string Source(SpecMount wanted) => wanted.Source.Length > 0 ? wanted.Source : wanted.Type;

    private static IEnumerable<string> Options(SpecMount wanted) =>
        from name in TmpfsOptions
        let value = wanted.Value(name)
        where value is not null
        select $"{name}={value}";

    private static MountNode Node(ImageRecord record) => MountNode.FromRecord(record, 0, "");
}
