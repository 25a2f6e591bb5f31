using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Stasis.Engine.Criu.Images;

namespace Stasis.EndToEndTests.Attacks;

internal sealed partial class HostileArchive
{
    private const string Images = "checkpoint/";

    // Types of enum remap_type (CRIU's remap-file-path.proto) and of enum fd_types (fdinfo.proto).
    private const int LinkedRemap = 0, GhostRemap = 1, RegularFileType = 1;

    /// <summary>Names of the image files that begin so.</summary>
    public IEnumerable<string> ImageNames(string prefix) =>
        Names.Where(name => name.StartsWith(Images + prefix, StringComparison.Ordinal)).Select(name => name[Images.Length..]);

    /// <summary>Changes an image, or adds it if there is none.</summary>
    /// <param name="file">The image file's name.</param>
    /// <param name="change">What to do to its records.</param>
    public void Image(string file, Action<List<EditableRecord>> change)
    {
        var image = Names.Contains(Images + file)
            ? EditableImage.Parse(file, this[Images + file])
            : EditableImage.Create(ImageKind.Find(file)!.Value.Kind.Name);
        change(image.Records);
        Put(Images + file, image.Encode());
    }

    /// <summary>Changes the records of the mount image.</summary>
    public void Mounts(Action<List<EditableRecord>> change) => Image(ImageNames("mountpoints-").Single(), change);

    /// <summary>Changes the mount at a point.</summary>
    public void EditMount(string point, Action<EditableRecord> change) => Mounts(mounts => change(At(mounts, point)));

    /// <summary>Adds a changed copy of the mount at a point, with an ID of its own, before all others.</summary>
    public void AddMount(string point, Action<EditableRecord> change) => Mounts(mounts =>
    {
        var mount = At(mounts, point).Copy().Set("mnt_id", 900 + mounts.Count);
        change(mount);
        mounts.Insert(0, mount);
    });

    /// <summary>The ID of the mount at a point.</summary>
    public int MountId(string point) => (int)Mount(point).U32("mnt_id");

    /// <summary>The record of the mount at a point.</summary>
    public ImageRecord Mount(string point)
    {
        var file = ImageNames("mountpoints-").Single();
        return At(EditableImage.Parse(file, this[Images + file]).Records, point).Record;
    }

    /// <summary>
    /// Makes a path one that the runtime binds on itself: its mount is one that the image verifier of the past let a checkpoint have.
    /// </summary>
    public void ReadOnlyPath(string path) => Spec(spec =>
    {
        var linux = spec["linux"]!.AsObject();
        linux["readonlyPaths"] ??= new JsonArray();
        linux["readonlyPaths"]!.AsArray().Add(path);
    });

    /// <summary>Adds a regular file to the files that tasks have open.</summary>
    /// <param name="id">Its ID.</param>
    /// <param name="name">Its path in the container.</param>
    /// <param name="mount">The point of its mount; the root if not given.</param>
    /// <param name="flags">Flags of open(2).</param>
    /// <param name="mode">Its st_mode; null to leave it out.</param>
    public void AddFile(uint id, string name, string mount = "/", uint flags = 0, uint? mode = null)
    {
        var owner = new EditableRecord("fown_entry")
            .Set("uid", 0).Set("euid", 0).Set("signum", 0).Set("pid_type", 0).Set("pid", 0);
        var file = new EditableRecord("reg_file_entry").Set("id", id).Set("flags", flags).Set("pos", 0).Set("fown", owner)
            .Set("name", name).Set("mnt_id", MountId(mount));
        if (mode is { } bits)
            file.Set("mode", bits);
        Image("files.img", files =>
            files.Add(new EditableRecord("file_entry").Set("type", RegularFileType).Set("id", id).Set("reg", file)));
    }

    /// <summary>Gives the first task a descriptor of a file.</summary>
    public void AddDescriptor(uint number, uint file) => Image(ImageNames("fdinfo-").Order(StringComparer.Ordinal).First(), descriptors =>
        descriptors.Add(new EditableRecord("fdinfo_entry")
            .Set("id", file).Set("flags", 0).Set("type", RegularFileType).Set("fd", number)));

    /// <summary>Says that a file is a ghost: CRIU makes it from the ghost's image and removes it at the end.</summary>
    public void RemapToGhost(uint file, uint ghost) => Remap(file, ghost, GhostRemap);

    /// <summary>Says that a file has been renamed to another's name: CRIU opens that name and removes it.</summary>
    public void RemapToLink(uint file, uint link) => Remap(file, link, LinkedRemap);

    /// <summary>Adds a ghost's image.</summary>
    /// <param name="id">Its ID.</param>
    /// <param name="mode">Its st_mode.</param>
    /// <param name="content">Its content.</param>
    /// <param name="link">A symbolic link's target.</param>
    /// <param name="device">A device's st_rdev.</param>
    public void AddGhost(uint id, uint mode, string content = "", string? link = null, uint? device = null)
    {
        var ghost = new EditableRecord("ghost_file_entry").Set("uid", 0).Set("gid", 0).Set("mode", mode);
        if (device is { } number)
            ghost.Set("rdev", number);
        if (link is not null)
            ghost.Set("symlnk_target", link);
        var kind = ImageKind.Get("ghost-file-");
        var record = ghost.Encoded;
        var image = new byte[3 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(image, ImageReader.CommonMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(sizeof(uint)), kind.Magic);
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(2 * sizeof(uint)), record.Length);
        Put(Images + kind.File(id), [.. image, .. record, .. Encoding.UTF8.GetBytes(content)]);
    }

    private void Remap(uint file, uint target, int type) => Image("remap-fpath.img", remaps =>
        remaps.Add(new EditableRecord("remap_file_path_entry").Set("orig_id", file).Set("remap_id", target).Set("remap_type", type)));

    private static EditableRecord At(List<EditableRecord> mounts, string point) =>
        mounts.Find(mount => mount.Record.Text("mountpoint") == point)
        ?? throw new KeyNotFoundException($"the archive has no mount at {point}");
}
