using Stasis.Linux;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Linux.Files;

public sealed class RootedPathTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;
    private readonly RootedPath _root;

    public RootedPathTests()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "root/sub"));
        File.AppendAllText(Path.Combine(_directory, "secret"), "secret");
        _root = RootedPath.Open(Path.Combine(_directory, "root"));
    }

    [Theory]
    [InlineData("/../../secret")]
    [InlineData("sub/../../secret")]
    [InlineData("out/secret")]
    [InlineData("absolute/secret")]
    [InlineData("magic/secret")]
    public void A_path_never_leads_out(string path)
    {
        _root.Symlink("../..", "out");
        _root.Symlink(_directory, "absolute");
        _root.Symlink("/proc/self/root" + _directory, "magic");
        Assert.Null(_root.Stat(path));
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => _root.OpenRead(path)).Errno);
    }

    [Fact]
    public void A_last_link_is_never_followed()
    {
        _root.Symlink("../secret", "link");
        Assert.True(_root.Stat("link")!.Value.IsSymbolicLink);
        Assert.Equal("../secret", System.Text.Encoding.UTF8.GetString(_root.ReadLink("link")));
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => _root.OpenRead("link")).Errno);
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => _root.CreateFile("link")).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, Assert.Throws<LinuxException>(() => _root.SetMode("link", 0x1FF)).Errno);
        _root.SetOwner("link", 3, 4);
        Assert.Equal((3u, 0u), (_root.Stat("link")!.Value.Uid, FileStatus.Read(Path.Combine(_directory, "secret")).Uid));
        _root.Remove("link");
        Assert.True(File.Exists(Path.Combine(_directory, "secret")));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("sub/..")]
    [InlineData("/..")]
    public void A_path_that_ends_in_two_dots_is_refused(string path) =>
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => _root.SetMode(path, 0)).Errno);

    [Fact]
    public void OpenRead_refuses_what_is_no_regular_file()
    {
        _root.MakeNode("fifo", FileType.Fifo | 0x180);
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => _root.OpenRead("fifo")).Errno);
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => _root.OpenRead("sub")).Errno);
    }

    [Fact]
    public void Everything_about_a_file_can_be_set()
    {
        using (var file = _root.CreateFile("sub/file"))
            RandomAccess.Write(file, "abc"u8, 0);
        _root.SetOwner("sub/file", 5, 6);
        _root.SetMode("sub/file", 0xDED);
        _root.SetXattr("sub/file", "user.x", [0, 1]);
        _root.SetTimes("sub/file", -5, 999_999_999);
        var status = _root.Stat("sub/file")!.Value;
        Assert.Equal((5u, 6u, 0xDEDu, 3L), (status.Uid, status.Gid, status.Permissions, status.Size));
        Assert.Equal((-5L, 999_999_999u), (status.ModifiedSeconds, status.ModifiedNanoseconds));
        Assert.Equal([0, 1], Xattrs.Get(Path.Combine(_root.Root, "sub/file"), "user.x"));
    }

    [Fact]
    public void The_root_itself_is_a_dot_or_nothing()
    {
        _root.SetMode(".", 0x1C0);
        _root.SetTimes("/", 7, 0);
        _root.SetXattr("", "user.root", [1]);
        var status = FileStatus.Read(_root.Root);
        Assert.Equal((0x1C0u, 7L), (status.Permissions, status.ModifiedSeconds));
        Assert.Equal(["user.root"], Xattrs.List(_root.Root));
    }

    [Fact]
    public void A_replaced_folder_is_resolved_again()
    {
        _root.CreateFile("sub/one").Dispose();
        _root.Remove("sub");
        _root.MakeDirectories("other/deep");
        _root.Symlink("other", "sub");
        _root.CreateFile("sub/two").Dispose();
        Assert.NotNull(_root.Stat("other/two"));
        Assert.Null(_root.Stat("sub/one"));
    }

    [Fact]
    public void Hard_links_join_files_of_different_folders()
    {
        _root.MakeDirectories("a/b/c/");
        _root.MakeDirectories("a/b/c");
        _root.CreateFile("a/b/c/file").Dispose();
        _root.Hardlink("a/b/c/file", "sub/name");
        _root.Hardlink("sub/name", "top");
        var linked = _root.Stat("a/b/c/file")!.Value;
        Assert.Equal((3u, _root.Stat("top")!.Value.Inode), (linked.LinkCount, linked.Inode));
    }

    [Fact]
    public void Names_are_any_bytes()
    {
        byte[] name = [0xFF, (byte)'\n', 0xC3];
        _root.CreateFile(name).Dispose();
        using var folder = DirectoryHandle.Open(_root.Root);
        Assert.Equal([name, "sub"u8.ToArray()], folder.Names().OrderByDescending(n => n[0]));
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => _root.CreateFile("a\0b")).Errno);
    }

    public void Dispose()
    {
        _root.Dispose();
        FileTree.Remove(_directory);
    }
}
