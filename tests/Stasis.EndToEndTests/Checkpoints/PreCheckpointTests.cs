using System.Buffers.Binary;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>Checkpoints that build on a pre-checkpoint.</summary>
public sealed class PreCheckpointTests : IAsyncLifetime
{
    private const string NoTracking = "the kernel has no CONFIG_MEM_SOFT_DIRTY";

    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("archive.tar");

    private string Previous => _host.PathOf("previous.tar");

    public async ValueTask InitializeAsync()
    {
        await _host.ImportBusyboxAsync();
        await _host.StartCounterAsync("counter");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Where_the_kernel_cannot_track_memory_it_says_so_before_anything_is_touched()
    {
        Assert.SkipWhen(KernelFeatures.HasSoftDirty(), "the kernel has CONFIG_MEM_SOFT_DIRTY");
        foreach (var option in (string[])["-P", "--with-previous"])
            Assert.Contains("CONFIG_MEM_SOFT_DIRTY", await _host.FailAsync("container", "checkpoint", option, "-e", Archive, "counter"),
                StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_host.Folder));
        await _host.CountsOnAsync("counter");
    }

    [Fact]
    public async Task Stopped_process_is_named_before_anything_is_touched()
    {
        Assert.SkipUnless(KernelFeatures.HasSoftDirty(), NoTracking);
        var pid = await _host.InspectAsync("counter", "{{.State.Pid}}");
        await _host.OnHostAsync("kill", "-STOP", pid);
        var error = await _host.FailAsync("container", "checkpoint", "-P", "-e", Archive, "counter");
        Assert.Contains(
            $"PID {pid} (counter): is stopped (SIGSTOP or Ctrl-Z), which a pre-checkpoint can't wait for", error, StringComparison.Ordinal);
        await _host.OnHostAsync("kill", "-CONT", pid);
        await _host.CountsOnAsync("counter");
    }

    [Fact]
    public async Task A_checkpoint_builds_on_a_pre_checkpoint()
    {
        Assert.SkipUnless(KernelFeatures.HasSoftDirty(), NoTracking);
        await _host.OkAsync("container", "checkpoint", "-P", "-e", Previous, "-c", "none", "counter");
        await _host.CountsOnAsync("counter");
        await _host.OkAsync("container", "checkpoint", "--with-previous", "-e", Archive, "-c", "none", "counter");
        Assert.Contains("checkpoint/parent -> ../pre-checkpoint", await ToolAsync("tar", "-tvf", Archive), StringComparison.Ordinal);
        await _host.OkAsync("rm", "counter");
        await _host.OkAsync("container", "restore", "-i", Archive);
        await _host.CountedWithoutGapAsync("counter");
        await _host.CountsOnAsync("counter");
    }

    // Where no kernel can make one: a dump is taken apart, so that all of its memory is in a pre-checkpoint and its own images only point
    // there.
    [Fact]
    public async Task Memory_dumped_before_is_taken_from_the_pre_checkpoint()
    {
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "-c", "none", "counter");
        await _host.OkAsync("rm", "counter");
        var folder = Directory.CreateDirectory(_host.PathOf("taken-apart")).FullName;
        await ToolAsync("tar", "-C", folder, "-xf", Archive);
        await ToolAsync("cp", "-r", Path.Combine(folder, "checkpoint"), Path.Combine(folder, "pre-checkpoint"));
        foreach (var pagemap in Directory.GetFiles(Path.Combine(folder, "checkpoint"), "pagemap-*.img"))
            await PointToParentAsync(pagemap);
        foreach (var pages in Directory.GetFiles(Path.Combine(folder, "checkpoint"), "pages-*.img"))
            File.OpenHandle(pages, FileMode.Truncate, FileAccess.Write).Dispose();
        File.CreateSymbolicLink(Path.Combine(folder, "checkpoint/parent"), "../pre-checkpoint");

        // Podman's archive of such a checkpoint is without what it builds on (its issue 26159).
        await ToolAsync("tar", "-C", folder, "-cf", Archive, "--exclude=pre-checkpoint", ".");
        await ToolAsync("tar", "-C", folder, "-cf", Previous, "config.dump", "spec.dump", "pre-checkpoint");
        Assert.Contains("--import-previous", await _host.FailAsync("container", "restore", "-i", Archive), StringComparison.Ordinal);
        Assert.Contains("--import-previous", await _host.FailAsync("container", "restore", "-i", Previous), StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("ps", "-aq"));
        await _host.OkAsync("container", "restore", "-i", Archive, "--import-previous", Previous);
        await _host.CountsOnAsync("counter");
        await _host.CountedWithoutGapAsync("counter");

        // Ours holds both.
        await ToolAsync("tar", "-C", folder, "-cf", Archive, ".");
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy");
        await _host.CountsOnAsync("copy");
        await _host.CountedWithoutGapAsync("copy");
    }

    // criu images/pagemap.proto: after two magic numbers a head, then entries, each with its length; an entry's field 4 has its flags: 4
    // present, 1 in the parent.
    private static async Task PointToParentAsync(string pagemap)
    {
        var image = await File.ReadAllBytesAsync(pagemap, TestContext.Current.CancellationToken);
        var next = 8;
        var isHead = true;
        while (next < image.Length)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(next));
            for (var at = next + 4; !isHead && at < next + 4 + length;)
            {
                var tag = image[at++];
                if (tag == 4 << 3)
                    image[at] = 1;
                while ((image[at++] & 0x80) != 0)
                {
                }
            }
            (next, isHead) = (next + 4 + length, false);
        }
        await using var file = File.OpenWrite(pagemap);
        await file.WriteAsync(image, TestContext.Current.CancellationToken);
    }

    private static async Task<string> ToolAsync(string program, params string[] arguments)
    {
        var result = await Spawn.RunAsync(new SpawnOptions { Program = program, Arguments = arguments }, StasisHost.TimeLimit,
            TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.Error}");
        return result.Output;
    }
}
