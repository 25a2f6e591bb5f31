using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Xunit;

namespace Stasis.IntegrationTests.Kernel;

public sealed class OverlayTests : IDisposable
{
    private readonly string _home = Directory.CreateDirectory($"/var/tmp/stasis-test-{Guid.NewGuid():N}").FullName;

    [Fact]
    public void Deletions_are_whiteouts_and_folders_made_anew_are_opaque()
    {
        foreach (var file in new[] { "lower/file", "lower/folder/in" })
        {
            Make(Path.GetDirectoryName(file)!);
            File.Create(At(file)).Dispose();
        }

        Overlay.Make(Make("merged"), [At("lower")], Make("upper"), Make("work"));
        File.Delete(At("merged/file"));
        FileTree.Remove(At("merged/folder"));
        Directory.CreateDirectory(At("merged/folder"));
        Assert.True(Overlay.IsWhiteout(FileStatus.Read(At("upper/file"))));
        Assert.True(Overlay.IsOpaque(At("upper/folder")));
        Assert.False(Overlay.IsOpaque(At("lower/folder")));
        Assert.False(Overlay.IsWhiteout(FileStatus.Read("/dev/null")));
    }

    [Theory]
    [InlineData("with:colon,comma and\\backslash")]
    [InlineData("plain")]
    public void Odd_paths_work(string name)
    {
        File.Create(Path.Combine(Make(name + "/lower"), "file")).Dispose();
        Overlay.Make(Make(name + "/merged"), [At(name + "/lower")], Make(name + "/upper"), Make(name + "/work"));
        Assert.True(File.Exists(At(name + "/merged/file")));
    }

    [Fact]
    public void More_layers_than_a_page_of_options_holds()
    {
        var lowers = Enumerable.Range(0, 120).Select(i => Make($"layers/sha256-{new string('0', 60)}{i:D4}")).ToArray();
        for (var i = 0; i < lowers.Length; i++)
        {
            File.AppendAllText(Path.Combine(lowers[i], "who"), $"{i}");
            File.Create(Path.Combine(lowers[i], $"of-{i}")).Dispose();
        }

        Overlay.Make(Make("merged"), lowers, Make("upper"), Make("work"));
        Assert.Equal("0", File.ReadAllText(At("merged/who"))); // the first is the topmost
        Assert.Equal(121, Directory.EnumerateFiles(At("merged")).Count());
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(120, true)]
    public void Overlay_syncs_unless_it_is_volatile(int layers, bool isVolatile)
    {
        var lowers = Enumerable.Range(0, layers).Select(i => Make($"layers/sha256-{new string('0', 60)}{i:D4}")).ToArray();
        Overlay.Make(Make("merged"), lowers, Make("upper"), Make("work"), isVolatile);
        // The mark that keeps it from being mounted again once it may have lost something.
        Assert.Equal(isVolatile, Directory.Exists(At("work/work/incompat/volatile")));
    }

    [Fact]
    public void A_renamed_folder_is_whole_in_the_upper_one()
    {
        Make("lower/folder");
        File.AppendAllText(At("lower/folder/file"), "x");
        Overlay.Make(Make("merged"), [At("lower")], Make("upper"), Make("work"));
        // so programs copy, as they do between file systems
        Assert.Equal(Errno.EXDEV, Assert.Throws<LinuxException>(() => Rename("folder")).Errno);
        Assert.Empty(Directory.EnumerateFileSystemEntries(At("upper")));
    }

    [Fact]
    public void Missing_layer_is_named()
    {
        var error = Assert.Throws<LinuxException>(() => Overlay.Make(Make("merged"), [At("missing")], Make("upper"), Make("work")));
        Assert.Equal(Errno.ENOENT, error.Errno);
        Assert.Contains(At("merged"), error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (var merged in Directory.EnumerateDirectories(_home, "merged", SearchOption.AllDirectories).ToList())
            Mount.Unmount(merged);
        FileTree.Remove(_home);
    }

    private void Rename(string name)
    {
        using var merged = DirectoryHandle.Open(At("merged"));
        using var target = DirectoryHandle.Open(Make("merged/target"));
        try
        {
            merged.MoveTo(name, target);
        }
        finally
        {
            FileTree.Remove(At("merged/target"));
        }
    }

    private string At(string path) => Path.Combine(_home, path);

    private string Make(string path) => Directory.CreateDirectory(At(path)).FullName;
}
