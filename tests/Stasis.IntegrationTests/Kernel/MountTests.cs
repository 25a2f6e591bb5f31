using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Xunit;

namespace Stasis.IntegrationTests.Kernel;

/// <summary>Real mounts; in a mount namespace of the test run's own.</summary>
public sealed class MountTests : IDisposable
{
    private readonly string _home = Directory.CreateDirectory($"/var/tmp/stasis-test-{Guid.NewGuid():N}").FullName;

    [Fact]
    public void A_bind_is_seen_and_goes()
    {
        File.AppendAllText(Make("source") + "/file", "x");
        Mount.Bind(At("source"), Make("target"));
        Assert.True(Mount.IsMountPoint(At("target")));
        Assert.True(File.Exists(At("target/file")));
        Mount.Unmount(At("target"));
        Assert.False(Mount.IsMountPoint(At("target")));
        Mount.Unmount(At("target"));
        Mount.Unmount(At("missing"));
        Assert.False(Mount.IsMountPoint(At("missing")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_read_only_bind_keeps_the_other_flags(bool recursive)
    {
        Mount.Make("tmpfs", Make("source"), "tmpfs", MountFlags.NoSuid | MountFlags.NoDev, "mode=0755");
        Mount.Bind(At("source"), Make("target"), recursive, readOnly: true);
        var options = File.ReadLines("/proc/self/mountinfo").Select(l => l.Split(' ')).Last(f => f[4] == At("target"))[5].Split(',');
        Assert.Subset(options.ToHashSet(), new HashSet<string> { "ro", "nosuid", "nodev" });
        Assert.Throws<IOException>(() => File.Create(At("target/x")).Dispose());
        File.Create(At("source/x")).Dispose();
    }

    [Fact]
    public void A_busy_mount_goes_and_several_on_one_another()
    {
        Mount.Make("tmpfs", Make("target"), "tmpfs", MountFlags.None, null);
        Mount.Make("tmpfs", At("target"), "tmpfs", MountFlags.None, null);
        using (File.Create(At("target/open")))
            Mount.Unmount(At("target"));
        Assert.False(Mount.IsMountPoint(At("target")));
    }

    [Fact]
    public void A_failed_bind_leaves_nothing()
    {
        Make("target");
        var error = Assert.Throws<LinuxException>(() => Mount.Bind(At("missing"), At("target")));
        Assert.Equal(Errno.ENOENT, error.Errno);
        Assert.Contains("target", error.Message, StringComparison.Ordinal);
        Assert.False(Mount.IsMountPoint(At("target")));
    }

    [Fact]
    public void Removing_a_tree_stops_at_a_mount()
    {
        Make("tree/mount");
        File.AppendAllText(Make("source") + "/kept", "x");
        Mount.Bind(At("source"), At("tree/mount"));
        var error = Assert.Throws<LinuxException>(() => FileTree.Remove(At("tree")));
        Assert.Equal(Errno.EXDEV, error.Errno);
        Assert.True(File.Exists(At("source/kept")));
        Mount.Unmount(At("tree/mount"));
        FileTree.Remove(At("tree"));
        Assert.False(Directory.Exists(At("tree")));
    }

    public void Dispose()
    {
        foreach (var target in File.ReadLines("/proc/self/mountinfo")
            .Select(l => l.Split(' ')[4])
            .Where(t => t.StartsWith(_home + "/", StringComparison.Ordinal))
            .Reverse()
            .ToList())
            Mount.Unmount(target);
        FileTree.Remove(_home);
    }

    private string At(string path) => Path.Combine(_home, path);

    private string Make(string path) => Directory.CreateDirectory(At(path)).FullName;
}
