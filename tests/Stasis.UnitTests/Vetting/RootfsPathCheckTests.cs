using System.Net.Sockets;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Engine.Vetting.Paths;
using Stasis.Linux.Files;
using Stasis.UnitTests.Vetting.Images;
using Xunit;

namespace Stasis.UnitTests.Vetting;

/// <summary>Paths of images in real directories, which stand for a container's root and what is bound into it.</summary>
public sealed class RootfsPathCheckTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("stasis-test-").FullName;
    private readonly MountPointIndex _mounts = new(
    [
        NewMount(1, "/", fileSystem: 17),
        NewMount(2, "/proc", MountNode.Proc),
        NewMount(3, "/data", key: "/data"),
        NewMount(4, "/file", key: "/file"),
        NewMount(5, "/scratch", MountNode.Tmpfs),
        NewMount(6, "/sys", MountNode.Sysfs),
    ]);

    public RootfsPathCheckTests()
    {
        Directory.CreateDirectory(PathTo("root/dir/sub"));
        Directory.CreateDirectory(PathTo("root/run"));
        Directory.CreateDirectory(PathTo("host/inner"));
        File.WriteAllText(PathTo("root/dir/file"), "");
        File.WriteAllText(PathTo("host/inner/file"), "");
        File.WriteAllText(PathTo("one"), "");
        Link("root/link", "/dir");
        Link("root/magic", "/proc/self/fd");
        Link("root/exe", "/proc/self/exe");
        Link("root/var-run", "/run");
        Link("root/out", PathTo("host"));
        Link("root/up", "../../../../host");
        Link("root/loop", "/loop");
        Link("root/dangling", "/nowhere");
        Link("root/to-scratch", "/scratch/l");
        Link("root/to-data", "data/inner");
        Link("host/link", "inner");
        using (var root = RootedPath.Open(PathTo("root")))
            root.MakeNode("/dir/fifo", FileType.Fifo | 0x1A4);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(PathTo("root/run/s")));
    }

    public void Dispose() => FileTree.Remove(_folder);

    [Theory]
    [InlineData("/dir/file", ForgedFiles.Regular)]
    [InlineData("/dir/sub", ForgedFiles.Directory)]
    [InlineData("/", ForgedFiles.Directory)]
    [InlineData("/dir/fifo", ForgedFiles.Fifo)]
    [InlineData("/link", ForgedFiles.Link)] // open itself: O_PATH | O_NOFOLLOW
    [InlineData("/data/inner/file", ForgedFiles.Regular)]
    [InlineData("/data", ForgedFiles.Directory)]
    [InlineData("/file", ForgedFiles.Regular)]
    [InlineData("/proc/1/stat", ForgedFiles.Regular)] // judged by its text
    [InlineData("/scratch/anything", ForgedFiles.Regular)] // judged by CRIU's tar
    public void Files_that_are_there_are_no_finding(string path, uint mode) => Assert.Empty(Find(path, PathUse.Open, mode));

    [Theory]
    [InlineData("/link/file", ForgedFiles.Regular)]
    [InlineData("/link", ForgedFiles.Directory)]
    [InlineData("/magic/0", ForgedFiles.Regular)]
    [InlineData("/exe", ForgedFiles.Regular)]
    [InlineData("/out/inner/file", ForgedFiles.Regular)]
    [InlineData("/up/inner/file", ForgedFiles.Regular)]
    [InlineData("/loop", ForgedFiles.Regular)]
    [InlineData("/data/link/file", ForgedFiles.Regular)]
    [InlineData("/dir/missing", ForgedFiles.Regular)]
    [InlineData("/dir/file/x", ForgedFiles.Regular)]
    [InlineData("/dir/fifo", ForgedFiles.Regular)] // CRIU would wait for a writer
    [InlineData("/dir/sub", ForgedFiles.Regular)]
    [InlineData("/dir/file", ForgedFiles.Directory)]
    [InlineData("/dir/file", ForgedFiles.Character)]
    [InlineData("/file/x", ForgedFiles.Regular)]
    [InlineData("/file", ForgedFiles.Directory)]
    public void Files_that_are_not_what_the_images_say_are_refused(string path, uint mode) =>
        Assert.Single(Find(path, PathUse.Open, mode));

    [Theory]
    [InlineData("/dir/gone", ForgedFiles.Regular, true)]
    [InlineData("/dir/gone/deep/file", ForgedFiles.Regular, true)]
    [InlineData("/link", ForgedFiles.Regular, true)] // a symbolic link has taken its name: CRIU finds another
    [InlineData("/data/gone", ForgedFiles.Directory, true)]
    [InlineData("/link", ForgedFiles.Directory, false)]
    [InlineData("/link/gone", ForgedFiles.Regular, false)]
    [InlineData("/link/gone/deep", ForgedFiles.Directory, false)]
    [InlineData("/out/gone", ForgedFiles.Regular, false)]
    [InlineData("/dir/file/gone", ForgedFiles.Regular, false)]
    [InlineData("/data/link/gone", ForgedFiles.Regular, false)]
    [InlineData("/data/inner", ForgedFiles.Directory, false)] // CRIU would change the host's directory
    public void Places_of_deleted_files(string path, uint mode, bool isFine) =>
        Assert.Equal(isFine, Find(path, PathUse.Ghost, mode).Count == 0);

    [Theory]
    [InlineData("/run/s", true)]
    [InlineData("/run/new", true)]
    [InlineData("/var-run/s", true)]
    [InlineData("/to-data/s", true)]
    [InlineData("/scratch/dir/s", true)]
    [InlineData("/dangling/s", true)] // bind(2) fails
    [InlineData("/magic/x", false)]
    [InlineData("/exe", false)]
    [InlineData("/link", false)]
    [InlineData("/dir/file", false)]
    [InlineData("/loop/s", false)]
    [InlineData("/proc/s", false)]
    [InlineData("/to-scratch/s", false)]
    [InlineData("/scratch/l/s", false)]
    public void Names_of_sockets_are_followed(string path, bool isFine) =>
        Assert.Equal(isFine, Find(path, PathUse.Socket, ForgedFiles.Socket, followsLinks: true).Count == 0);

    [Fact]
    public void A_socket_behind_a_link_into_a_read_only_bind_is_refused() =>
        Assert.Single(Find("/to-data/s", PathUse.Socket, ForgedFiles.Socket, followsLinks: true, options: ["ro"]));

    [Theory]
    [InlineData("/dir", true)]
    [InlineData("/link", true)]
    [InlineData("/", true)]
    [InlineData("/link/file", true)]
    [InlineData("/sys/fs/cgroup", true)]
    [InlineData("/dir/missing", false)]
    [InlineData("/dangling", false)]
    [InlineData("/magic", false)]
    [InlineData("/exe", false)]
    public void Watched_files_are_followed(string path, bool isFine) =>
        Assert.Equal(isFine, Find(path, PathUse.Watch, 0, followsLinks: true).Count == 0);

    [Theory]
    [InlineData("/new/point", true)]
    [InlineData("/dir/sub", true)]
    [InlineData("/dir/file", true)]
    [InlineData("/link", false)]
    [InlineData("/out/inner", false)]
    public void Places_of_mounts(string path, bool isFine) => Assert.Equal(isFine, Find(path, PathUse.MountPoint, 0).Count == 0);

    [Theory]
    [InlineData("/dir", 1u, true)]
    [InlineData("/link", 1u, false)]
    [InlineData("/out/inner", 1u, false)]
    [InlineData("/missing", 1u, false)]
    [InlineData("/inner", 3u, true)]
    [InlineData("/link", 3u, false)]
    public void Parts_that_mounts_show(string part, uint device, bool isFine)
    {
        var mount = NewMount(9, "/mnt", 0, root: part) with { Device = device };
        var mounts = new MountPointIndex([.. _mounts.All, mount]);
        var list = new ImagePathList(null!);
        list.TryAdd(NewPath(part, PathUse.MountRoot, 0, mounts) with { Mount = mount });

        Assert.Equal(isFine, Run(list).Count == 0);
    }

    [Fact]
    public void A_device_that_the_spec_does_not_give_is_refused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root makes devices");
        using (var root = RootedPath.Open(PathTo("root")))
        {
            root.MakeNode("/dir/null", FileType.CharacterDevice | 0x1B6, 1, 3);
            root.MakeNode("/dir/console", FileType.CharacterDevice | 0x1B6, 5, 1);
        }

        Assert.Empty(Find("/dir/null", PathUse.Open, ForgedFiles.Character));
        Assert.Single(Find("/dir/console", PathUse.Open, ForgedFiles.Character));
    }

    [Fact]
    public void Findings_name_image_record_and_path()
    {
        var finding = Assert.Single(Find("/link/file", PathUse.Open, ForgedFiles.Regular));

        Assert.Equal(("image-path", "checkpoint/files.img[7]: reg.name", "/link/file"), (finding.Rule, finding.Where, finding.Value));
        Assert.Contains("symbolic link", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_are_not_UTF8_are_found_by_their_bytes()
    {
        using (var root = RootedPath.Open(PathTo("root")))
            root.MakeDirectory((byte[])[.. "/dir/"u8, 0xE9]);
        var list = new ImagePathList(null!);
        list.TryAdd(NewPath("", PathUse.Open, ModeBits.Directory, _mounts) with { Bytes = [.. "/dir/"u8, 0xE9], Mount = _mounts.All[0] });
        Assert.Empty(Run(list));

        list.TryAdd(NewPath("", PathUse.Open, ModeBits.Directory, _mounts) with { Bytes = [.. "/dir/"u8, 0xE8], Mount = _mounts.All[0] });
        Assert.Single(Run(list));
    }

    private static MountNode NewMount(uint id, string point, uint fileSystem = 0, string? key = null, string root = "/") => new()
    {
        Id = id,
        Parent = point == "/" ? 0 : 1u,
        FileSystem = fileSystem,
        Device = id,
        Namespace = 0,
        Where = "mountpoints",
        Flags = 0,
        FileSystemFlags = null,
        Source = "",
        PeerGroup = 0,
        MasterGroup = 0,
        Root = root,
        Point = point,
        Options = "",
        Key = key,
    };

    private static ImagePathField NewPath(string path, PathUse use, uint mode, MountPointIndex mounts) => new()
    {
        Image = "checkpoint/files.img",
        Index = 7,
        Field = "reg.name",
        Bytes = System.Text.Encoding.UTF8.GetBytes(path),
        Use = use,
        Mode = ModeBits.TypeOf(mode),
        Mounts = mounts,
    };

    private IReadOnlyList<Finding> Find(
        string path, PathUse use, uint mode, bool followsLinks = false, IReadOnlyList<string>? options = null)
    {
        var list = new ImagePathList(null!);
        list.TmpfsLinks[5] = new() { ["l"] = "/proc/1/root" };
        list.TryAdd(NewPath(path, use, mode, _mounts) with
        {
            Mount = followsLinks ? null : _mounts.Covering(path),
            FollowsLinks = followsLinks,
        });
        return Run(list, options);
    }

    private IReadOnlyList<Finding> Run(ImagePathList list, IReadOnlyList<string>? options = null)
    {
        var spec = new OciSpec
        {
            Mounts =
            [
                new OciMount { Destination = "/data", Type = "bind", Source = PathTo("host"), Options = options ?? ["rw"] },
                new OciMount { Destination = "/file", Type = "bind", Source = PathTo("one") },
            ],
        };
        return RootfsPathCheck.Run(PathTo("root"), spec, list, CancellationToken.None);
    }

    private void Link(string path, string target) => File.CreateSymbolicLink(PathTo(path), target);

    private string PathTo(string name) => Path.Combine(_folder, name);
}
