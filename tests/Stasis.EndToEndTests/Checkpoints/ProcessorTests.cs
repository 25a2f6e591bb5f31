using System.Text.RegularExpressions;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>An archive of this machine, on one whose /proc/cpuinfo has fewer features.</summary>
public sealed partial class ProcessorTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("archive.tar");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Archive_of_a_processor_with_more_registers_is_refused_by_name()
    {
        var cpuInfo = await File.ReadAllTextAsync("/proc/cpuinfo", TestContext.Current.CancellationToken);
        Assert.SkipUnless(cpuInfo.Contains(" avx ", StringComparison.Ordinal), "this processor has no AVX");
        var smaller = _host.PathOf("cpuinfo");
        await File.WriteAllTextAsync(smaller, AvxFlag().Replace(cpuInfo, ""), TestContext.Current.CancellationToken);
        await _host.OkAsync("run", "-d", "--name", "original", "busybox", "sleep", "100000");
        await _host.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, "original");

        // In a mount namespace of its own. What was restored there would lose its mounts.
        var refused = await _host.ShellAsync(
            $"unshare --mount sh -c 'mount --bind {smaller} /proc/cpuinfo && exec {_host.Line} container restore -i {Archive} -n other'");

        Assert.Equal(125, refused.ExitCode);
        Assert.Matches(@"archive\.tar was made on a processor with AVX(-512)?, which this one lacks: ", refused.Error);
        Assert.Equal("original", await _host.OkAsync("ps", "-a", "--format", "{{.Names}}"));
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy");
    }

    [GeneratedRegex(@" avx\w*")]
    private static partial Regex AvxFlag();
}
