using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Faults;

public sealed class FullDiskTests
{
    private const string Says = "No space left on device";

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip")]
    [InlineData("none")]
    public async Task While_an_archive_is_written_the_container_runs_on_and_no_archive_is_left(string compression)
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync("busybox", "filled");
        await host.OkAsync("run", "-d", "--name", "m", "busybox", "filled", "64");
        await host.CountsBeyondAsync("m", 2);
        var small = host.MountSmall(host.PathOf("small"), 4);

        var error = await host.FailAsync(
            "container",
            "checkpoint",
            "--compress",
            compression,
            "--export",
            Path.Combine(small, "m.tar"),
            "m");

        Assert.Contains(Says, error, StringComparison.Ordinal);
        Assert.Contains($"The container runs as before; make room on the file system of {small} ", error, StringComparison.Ordinal);
        Assert.Equal("running", await host.InspectAsync("m", "{{.State.Status}}"));
        await host.CountsOnAsync("m");
        Assert.Empty(Directory.GetFileSystemEntries(small));
    }

    [Fact]
    public async Task While_CRIU_dumps_the_container_runs_on()
    {
        await using var host = new StasisHost(rootMebibytes: 24);
        await host.ImportBusyboxAsync("busybox", "filled");
        await host.OkAsync("run", "-d", "--name", "m", "busybox", "filled", "64");
        await host.CountsBeyondAsync("m", 2);

        var error = await host.FailAsync("container", "checkpoint", "--export", host.PathOf("m.tar"), "m");

        Assert.Contains($"The container runs as before; make room on the file system of {host.Root} ", error, StringComparison.Ordinal);
        var log = error.Split("(CRIU's log: ")[1].Split(')')[0];
        Assert.Contains(Says, await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("running", await host.InspectAsync("m", "{{.State.Status}}"));
        await host.CountsOnAsync("m");
        Assert.False(File.Exists(host.PathOf("m.tar")));
    }

    [Fact]
    public async Task While_an_archive_is_unpacked_nothing_is_created()
    {
        await using var big = new StasisHost();
        await big.ImportBusyboxAsync("busybox", "filled");
        await big.OkAsync("run", "-d", "--name", "m", "busybox", "filled", "64");
        await big.CountsBeyondAsync("m", 2);
        var archive = big.PathOf("m.tar.zst");
        await big.OkAsync("container", "checkpoint", "--export", archive, "m");

        await using var host = new StasisHost(rootMebibytes: 24);
        await host.ImportBusyboxAsync("busybox", "filled");
        var error = await host.FailAsync("container", "restore", "--import", archive);

        Assert.Contains(Says, error, StringComparison.Ordinal);
        Assert.Contains($"make room on the file system of {host.Root} ", error, StringComparison.Ordinal);
        Assert.Equal("", await host.OkAsync("ps", "-aq"));
        await Leftovers.AssertNoneAsync(host);
    }

    [Fact]
    public async Task Removal_makes_room()
    {
        await using var host = new StasisHost(rootMebibytes: 24);
        await host.ImportBusyboxAsync("busybox", "filled");
        await host.OkAsync("run", "-d", "--name", "m", "busybox", "filled", "4");
        await host.CountsBeyondAsync("m", 2);
        await host.OkAsync("container", "checkpoint", "-R", "-e", host.PathOf("m.tar"), "m");
        await host.OkAsync("checkpoint", "import", host.PathOf("m.tar"));
        await host.OkAsync("volume", "create", "v");
        Assert.True(File.Exists(Path.Combine(host.Root, "reserve")));
        FillUp(Path.Combine(host.Root, "filler"));
        // It is as full as that: nothing can be recorded. What each removal frees is taken at once, as containers would.
        Assert.Contains("the disk is full", await host.FailAsync("volume", "create", "another"), StringComparison.Ordinal);
        Assert.Equal(["v"], Directory.GetDirectories(Path.Combine(host.Root, "volumes")).Select(Path.GetFileName));
        await host.OkAsync("volume", "rm", "v");
        Assert.Equal("", await host.OkAsync("volume", "ls", "-q"));
        FillUp(Path.Combine(host.Root, "more"));
        await host.OkAsync("checkpoint", "rm", (await host.OkAsync("checkpoint", "ls", "-q")).Trim());
        FillUp(Path.Combine(host.Root, "still-more"));
        await host.OkAsync("rm", "-f", "-t", "0", "m");
        Assert.True(File.Exists(Path.Combine(host.Root, "reserve")));
        FillUp(Path.Combine(host.Root, "most"));
        await host.OkAsync("rmi", "busybox");
        Assert.Equal("", await host.OkAsync("images", "-q"));
    }

    private static void FillUp(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
                file.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
