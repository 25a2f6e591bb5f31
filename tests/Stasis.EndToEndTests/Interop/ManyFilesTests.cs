using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Interop;

/// <summary>Many small files: a hundred thousand in the long form.</summary>
public sealed class ManyFilesTests
{
    private static readonly int Count = LongForm.IsAsked ? 100_000 : 25_000;

    [Fact]
    public async Task All_of_them_come_through()
    {
        // In memory: on some disks each file takes a millisecond to remove.
        await using var host = new StasisHost(rootMebibytes: 4096);
        await host.ImportBusyboxAsync("base", "files");
        await host.OkAsync("run", "-d", "--name", "a", "base", "sleep", "1000");
        await host.OkAsync("exec", "a", "files", "many", "/many", $"{Count}");
        var before = await host.OkAsync("exec", "a", "sh", "-c", "files list /many | sha256sum");
        var archive = host.PathOf("a.tar.zst");

        await host.OkAsync("container", "checkpoint", "-e", archive, "a");
        await host.OkAsync("rm", "a");
        await host.OkAsync("container", "restore", "-i", archive);

        Assert.Equal(before, await host.OkAsync("exec", "a", "sh", "-c", "files list /many | sha256sum"));
        Assert.Equal($"{Count}", await host.OkAsync("exec", "a", "sh", "-c", "find /many -type f | wc -l"));
    }
}
