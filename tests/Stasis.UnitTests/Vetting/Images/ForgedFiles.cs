using System.Buffers.Binary;
using System.Text;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Tests.Mutations;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>Real images with further files, sockets, watches and deleted files in them, that no CRIU has written.</summary>
internal sealed class ForgedFiles
{
    public const uint Regular = 0x81A4, Directory = 0x41ED, Fifo = 0x11A4, Link = 0xA1FF, Socket = 0xC1ED;
    public const uint Character = 0x21B6, Block = 0x61B0;
    public const uint ReadOnly = 0x8000, ReadWrite = 0x8002; // O_LARGEFILE | O_RDWR

    private const uint FirstId = 5000;

    private uint _next = FirstId;

    /// <summary>The images.</summary>
    public GoldenImages Images { get; } = new();

    /// <summary>The spec that the images are compared with.</summary>
    public OciSpec Spec { get; init; } = GoldenImages.Spec;

    /// <summary>The mounts of the container's namespace.</summary>
    public MountPointIndex Mounts =>
        new([.. Records(Images.Names.Single(IsMounts))
            .Select(node => MountNode.FromRecord(ToRecord(node, "mnt_entry"), 0, "mountpoints"))]);

    /// <summary>What the verifier refuses.</summary>
    public IReadOnlyList<Finding> Refused() => [.. Images.VerifyAll(Spec).Where(finding => finding.Severity == Severity.Refused)];

    /// <summary>A file that is open, in the mount that covers it unless another one is given.</summary>
    public uint Open(string name, uint mode = Regular, uint flags = ReadOnly, uint? mount = null)
    {
        var id = Describe(name, mode, flags, mount);
        var descriptor = Node("fdinfo_entry").Set("id", id).Set("flags", 0).Set("type", OpenFile.Regular).Set("fd", 300 + id - FirstId);
        Append("fdinfo-2.img", descriptor); // of process 1
        return id;
    }

    /// <summary>A file that no descriptor is of.</summary>
    public uint Describe(string name, uint? mode = Regular, uint flags = ReadOnly, uint? mount = null, bool hasMount = true)
    {
        var id = _next++;
        var file = Node("reg_file_entry").Set("id", id).Set("flags", flags).Set("pos", 0).Set("fown", Owner()).Set("name", name);
        if (hasMount)
            file.Set("mnt_id", Zigzag(mount ?? Mounts.Covering(name)!.Id));
        if (mode is { } given)
            file.Set("mode", given);
        Append("files.img", Node("file_entry").Set("type", OpenFile.Regular).Set("id", id).Set("reg", file));
        return id;
    }

    /// <summary>A socket with a name.</summary>
    public void Bind(string name, string? folder = null, bool isDeleted = false, uint mode = Socket)
    {
        var id = _next++;
        var options = Records("files.img").First(file => file.Has("usk")).Child("usk").Child("opts");
        var socket = Node("unix_sk_entry").Set("id", id).Set("ino", 900000 + id).Set("type", 1).Set("state", 10).Set("flags", 2)
            .Set("uflags", 0).Set("backlog", 5).Set("peer", 0).Set("fown", Owner()).Set("opts", options)
            .Set("name", Encoding.UTF8.GetBytes(name + "\0"))
            .Set("file_perms", Node("file_perms_entry").Set("mode", mode).Set("uid", 0).Set("gid", 0));
        if (folder is not null)
            socket.Set("name_dir", folder);
        if (isDeleted)
            socket.Set("deleted", 1);
        Append("files.img", Node("file_entry").Set("type", OpenFile.UnixSocket).Set("id", id).Set("usk", socket));
    }

    /// <summary>A watch, by path, or by number if there is none.</summary>
    public void Watch(string? path, uint device)
    {
        var id = _next++;
        var handle = Node("fh_entry").Set("bytes", 8).Set("type", 1).Set("handle", 1);
        if (path is not null)
            handle.Set("path", path);
        var watch = Node("inotify_wd_entry").Set("id", id).Set("i_ino", 1).Set("mask", 2).Set("ignored_mask", 0).Set("s_dev", device)
            .Set("wd", 1).Set("f_handle", handle);
        var file = Node("inotify_file_entry").Set("id", id).Set("flags", 0).Set("fown", Owner()).Set("wd", watch);
        Append("files.img", Node("file_entry").Set("type", OpenFile.Inotify).Set("id", id).Set("ify", file));
    }

    /// <summary>What CRIU would open in place of a file.</summary>
    public void Remap(uint file, uint id, uint type) =>
        Append("remap-fpath.img", Node("remap_file_path_entry").Set("orig_id", file).Set("remap_id", id).Set("remap_type", type));

    /// <summary>The content of a deleted file.</summary>
    public void AddGhost(uint id, uint mode, string? target = null)
    {
        var ghost = Node("ghost_file_entry").Set("uid", 0).Set("gid", 0).Set("mode", mode);
        if (target is not null)
            ghost.Set("symlnk_target", target);
        var real = Images.Images.First(image => ImageKind.Find(image.Key) is { Kind.Name: "ghost-file-" }).Value;
        Images.Images[ImageKind.Get("ghost-file-").File(id)] = [.. real[..8], .. Framed(ghost)];
    }

    /// <summary>Changes the mount at a point.</summary>
    public void EditMount(string point, Action<ImageNode> change) =>
        Rewrite(Images.Names.Single(IsMounts), node =>
        {
            if (node.Text("mountpoint") == point)
                change(node);
        });

    /// <summary>Changes the first record of an image.</summary>
    public void Edit(string file, Action<ImageNode> change)
    {
        var isFirst = true;
        Rewrite(file, node =>
        {
            if (isFirst)
                change(node);
            isFirst = false;
        });
    }

    /// <summary>A message without fields.</summary>
    public static ImageNode Node(string message) => new(ImageSchema.Message(message));

    /// <summary>A signed number as protobuf has it in sint32.</summary>
    public static ulong Zigzag(long number) => (ulong)((number << 1) ^ (number >> 63));

    private static ImageNode Owner() =>
        Node("fown_entry").Set("uid", 0).Set("euid", 0).Set("signum", 0).Set("pid_type", 0).Set("pid", 0);

    private static bool IsMounts(string name) => ImageKind.Find(name) is { Kind.Name: "mountpoints-" };

    private static ImageRecord ToRecord(ImageNode node, string message) => new(node.ToBytes(), ImageSchema.Message(message));

    private static byte[] Framed(ImageNode node)
    {
        var bytes = node.ToBytes();
        var framed = new byte[bytes.Length + 4];
        BinaryPrimitives.WriteInt32LittleEndian(framed, bytes.Length);
        bytes.CopyTo(framed, 4);
        return framed;
    }

    private void Append(string file, ImageNode node) => Images.Images[file] = [.. Images.Images[file], .. Framed(node)];

    private void Rewrite(string file, Action<ImageNode> change)
    {
        var nodes = Records(file);
        nodes.ForEach(change);
        Images.Images[file] = [.. Images.Images[file][..8], .. nodes.SelectMany(Framed)];
    }

    private List<ImageNode> Records(string file) =>
        [
            .. new ImageReader(() => new ImageChunkReader(Images.Images[file]), ImageKind.Find(file)!.Value.Kind, file)
                .Read()
                .Select(record => ImageNode.Parse(record.Data.Span, record.Message)),
        ];
}
