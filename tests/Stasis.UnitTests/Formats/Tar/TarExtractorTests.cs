using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Xunit;

namespace Stasis.UnitTests.Formats.Tar;

/// <summary>Tars that try to reach out of their folder, or to be what they should not. What is outside must stay as it is.</summary>
public sealed class TarExtractorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    public TarExtractorTests()
    {
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(Outside);
        File.AppendAllText(Path.Combine(Outside, "secret"), "secret");
    }

    private string Root => Path.Combine(_directory, "root");

    private string Outside => Path.Combine(_directory, "outside");

    [Theory]
    [InlineData("../outside/new")]
    [InlineData("a/../../outside/new")]
    [InlineData("..")]
    [InlineData("/../x")]
    public void Climbing_names_are_refused(string name)
    {
        var error = Assert.Throws<TarException>(() => Extract(Tars.File(name)));
        Assert.Equal(name, error.Entry);
        AssertOutsideIsUntouched();
    }

    [Fact]
    public void Absolute_names_begin_at_the_root()
    {
        Extract(Tars.File("/etc/file"));
        Assert.True(File.Exists(Path.Combine(Root, "etc/file")));
    }

    [Fact]
    public void Links_on_the_way_are_resolved_within_the_root()
    {
        Extract(
            Tars.Link(TarEntryType.Symlink, "up", "../../../.."),
            Tars.File("up/file"),
            TarEntry.OfDirectory("real"),
            Tars.Link(TarEntryType.Symlink, "abs", "/real"),
            Tars.File("abs/in"));
        Assert.True(File.Exists(Path.Combine(Root, "file")));
        Assert.True(File.Exists(Path.Combine(Root, "real/in")));
        AssertOutsideIsUntouched();
    }

    [Fact]
    public void A_link_to_what_is_only_outside_leads_nowhere()
    {
        Assert.Throws<TarException>(() => Extract(Tars.Link(TarEntryType.Symlink, "link", Outside), Tars.File("link/new")));
        AssertOutsideIsUntouched();
    }

    [Theory]
    [InlineData("../outside/secret")]
    [InlineData("link/secret")]
    [InlineData("link-to-file")]
    public void A_hard_link_reaches_nothing_outside(string target)
    {
        TarEntry[] entries =
        [
            Tars.Link(TarEntryType.Symlink, "link", Outside), Tars.Link(
                TarEntryType.Symlink, "link-to-file", Path.Combine(Outside, "secret")), Tars.Link(TarEntryType.Hardlink, "hard", target),
            Tars.File("hard", 0x1FF) with { Uid = 77 },
        ];
        try
        {
            Extract(entries);
        }
        catch (TarException)
        {
        }

        AssertOutsideIsUntouched();
    }

    [Theory]
    [InlineData(TarEntryType.File)]
    [InlineData(TarEntryType.Directory)]
    [InlineData(TarEntryType.Fifo)]
    public void A_link_in_the_place_is_replaced_and_not_followed(object type)
    {
        Extract(
            Tars.Link(TarEntryType.Symlink, "x", Path.Combine(Outside, "secret")),
            new TarEntry { Name = Tars.Bytes("x"), Type = (TarEntryType)type, Mode = 0x1FF, Uid = 77 });
        Assert.False(FileStatus.Read(Path.Combine(Root, "x")).IsSymbolicLink);
        AssertOutsideIsUntouched();
    }

    [Fact]
    public void Attributes_of_a_link_are_its_own()
    {
        Extract(Tars.Link(TarEntryType.Symlink, "x", Path.Combine(Outside, "secret")) with
        {
            Uid = 5,
            Mode = 0x1FF,
            ModifiedSeconds = 7,
            Xattrs = new Dictionary<string, byte[]> { ["trusted.x"] = [1] },
        });
        Assert.Equal((5u, 7L), (FileStatus.Read(Path.Combine(Root, "x")).Uid, FileStatus.Read(Path.Combine(Root, "x")).ModifiedSeconds));
        AssertOutsideIsUntouched();
        Assert.Empty(Xattrs.List(Path.Combine(Outside, "secret")));
    }

    [Fact]
    public void Links_in_a_circle_are_an_error() =>
        Assert.Throws<TarException>(
            () => Extract(Tars.Link(TarEntryType.Symlink, "a", "b"), Tars.Link(TarEntryType.Symlink, "b", "a"), Tars.File("a/x")));

    [Fact]
    public void Devices_are_refused_unless_allowed()
    {
        var device =
            new TarEntry { Name = Tars.Bytes("null"), Type = TarEntryType.CharacterDevice, DeviceMajor = 1, DeviceMinor = 3, Mode = 0x1B6 };
        Assert.Contains("device", Assert.Throws<TarException>(() => Extract(device)).Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(Path.Combine(Root, "null")));
        Extract(new TarExtractorOptions { Devices = true }, device);
        Assert.Equal((0x1B6u, 1u, 3u), (FileStatus.Read(Path.Combine(Root, "null")).Permissions, FileStatus.Read(
            Path.Combine(Root, "null")).DeviceMajor, FileStatus.Read(Path.Combine(Root, "null")).DeviceMinor));
    }

    [Theory]
    [InlineData(".", TarEntryType.File)]
    [InlineData("./", TarEntryType.Symlink)]
    [InlineData("/", TarEntryType.Fifo)]
    [InlineData("a/.", TarEntryType.Hardlink)]
    public void The_root_can_be_nothing_but_a_folder(string name, object type)
    {
        File.Create(Path.Combine(Root, "kept")).Dispose();
        Assert.Throws<TarException>(() => Extract(Tars.Link((TarEntryType)type, name, "kept")));
        Assert.True(File.Exists(Path.Combine(Root, "kept")));
    }

    [Fact]
    public void Names_that_no_file_can_have_are_errors()
    {
        Assert.Throws<TarException>(() => Extract(Tars.File(new string('n', 256))));
        Assert.Throws<TarException>(() => Extract(Tars.File(string.Join('/', Enumerable.Repeat("abcdefgh", 600)))));
    }

    [Fact]
    public void A_hard_link_to_itself_changes_nothing()
    {
        Extract(
            Tars.File("a"),
            Tars.Link(TarEntryType.Hardlink, "a", "a"),
            Tars.Link(TarEntryType.Hardlink, "b", "a"),
            Tars.Link(TarEntryType.Hardlink, "a", "b"));
        Assert.Equal(2u, FileStatus.Read(Path.Combine(Root, "a")).LinkCount);
    }

    [Fact]
    public void Files_in_the_place_are_replaced()
    {
        Directory.CreateDirectory(Path.Combine(Root, "dir-to-file/sub"));
        File.Create(Path.Combine(Root, "file-to-dir")).Dispose();
        Directory.CreateDirectory(Path.Combine(Root, "dir"));
        File.Create(Path.Combine(Root, "dir/kept")).Dispose();
        File.Create(Path.Combine(Root, "in-the-way")).Dispose();
        Extract(
            Tars.File("dir-to-file"),
            TarEntry.OfDirectory("file-to-dir"),
            TarEntry.OfDirectory("dir", 0x1C0),
            Tars.File("in-the-way/file"));
        Assert.True(FileStatus.Read(Path.Combine(Root, "dir-to-file")).IsRegularFile);
        Assert.True(FileStatus.Read(Path.Combine(Root, "file-to-dir")).IsDirectory);
        Assert.True(File.Exists(Path.Combine(Root, "dir/kept")));
        Assert.Equal(0x1C0u, FileStatus.Read(Path.Combine(Root, "dir")).Permissions);
        Assert.True(File.Exists(Path.Combine(Root, "in-the-way/file")));
    }

    [Fact]
    public void Folders_keep_their_times_and_modes_whatever_is_made_in_them_later()
    {
        Extract(
            TarEntry.OfDirectory("d", 0x16D) with { ModifiedSeconds = 1000, ModifiedNanoseconds = 5 },
            Tars.File("d/f"),
            TarEntry.OfDirectory("d/e", 0) with { ModifiedSeconds = 2000 },
            Tars.File("d/e/f"));
        Assert.Equal((0x16Du, 1000L, 5u), (FileStatus.Read(Path.Combine(Root, "d")).Permissions, FileStatus.Read(
            Path.Combine(Root, "d")).ModifiedSeconds, FileStatus.Read(Path.Combine(Root, "d")).ModifiedNanoseconds));
        Assert.Equal(
            (0u, 2000L),
            (FileStatus.Read(Path.Combine(Root, "d/e")).Permissions, FileStatus.Read(Path.Combine(Root, "d/e")).ModifiedSeconds));
    }

    [Fact]
    public void Overlays_own_attributes_are_not_taken_from_a_tar()
    {
        Extract(TarEntry.OfDirectory("d") with
        {
            Xattrs = new Dictionary<string, byte[]> { ["trusted.overlay.redirect"] = Tars.Bytes("/etc"), ["user.mine"] = [1] },
        });
        Assert.Equal(["user.mine"], Xattrs.List(Path.Combine(Root, "d")));
    }

    [Fact]
    public void Whiteouts_become_overlays()
    {
        Extract(
            new TarExtractorOptions { Whiteouts = true },
            Tars.File(".wh.top"), Tars.File("a/.wh.gone"), Tars.File("b/.wh..wh..opq"), Tars.File("b/new"),
            Tars.File(".wh..wh.plnk"), Tars.File(".wh.."), Tars.File(".wh."),
            Tars.File(".wh.replaced"), TarEntry.OfDirectory("replaced"), TarEntry.OfDirectory("kept"), Tars.File(".wh.kept"),
            Tars.File("file"), Tars.File(".wh.file"),
            Tars.File(".wh.implied"), Tars.File("implied/file"));
        foreach (var gone in new[] { "top", "a/gone" })
            Assert.True(Overlay.IsWhiteout(FileStatus.Read(Path.Combine(Root, gone))));
        foreach (var opaque in new[] { "b", "replaced", "kept", "implied" })
            Assert.True(Overlay.IsOpaque(Path.Combine(Root, opaque)), opaque);
        Assert.False(Overlay.IsOpaque(Path.Combine(Root, "a")));
        Assert.True(FileStatus.Read(Path.Combine(Root, "file")).IsRegularFile);
        Assert.Equal(
            ["a", "b", "file", "implied", "kept", "replaced", "top"],
            Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Whiteouts_reach_nothing_outside()
    {
        try
        {
            Extract(
                new TarExtractorOptions { Whiteouts = true },
                Tars.Link(TarEntryType.Symlink, "link", Outside),
                Tars.File("link/.wh.secret"),
                Tars.File("link/.wh..wh..opq"));
        }
        catch (TarException)
        {
        }

        AssertOutsideIsUntouched();
    }

    public void Dispose() => FileTree.Remove(_directory);

    private void Extract(params TarEntry[] entries) => Extract(new TarExtractorOptions(), entries);

    private void Extract(TarExtractorOptions options, params TarEntry[] entries)
    {
        using var reader = new TarReader(new MemoryStream(Tars.Make(entries)));
        using var root = RootedPath.Open(Root);
        TarExtractor.Extract(reader, root, options, TestContext.Current.CancellationToken);
    }

    private void AssertOutsideIsUntouched()
    {
        Assert.Equal(["secret"], Directory.EnumerateFileSystemEntries(Outside).Select(Path.GetFileName));
        var status = FileStatus.Read(Path.Combine(Outside, "secret"));
        Assert.Equal((6L, 1u, 0u, true), (status.Size, status.LinkCount, status.Uid, status.Permissions != 0x1FF));
        Assert.Empty(Xattrs.List(Outside));
        Assert.Equal(
            ["outside", "root"], Directory.EnumerateFileSystemEntries(_directory).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}
