using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Network;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.Kernel;

public sealed class NamespaceTests : IDisposable
{
    private readonly string _home = Directory.CreateDirectory($"/var/tmp/stasis-test-{Guid.NewGuid():N}").FullName;

    private string Pin => Path.Combine(_home, "netns/one");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_network_namespace_has_its_loopback_up_and_is_nobodys_own()
    {
        var own = new FileInfo("/proc/self/ns/net").LinkTarget;
        NetworkNamespace.Create(Pin);
        Assert.True(Mount.IsMountPoint(Pin));
        Assert.Equal(own, new FileInfo("/proc/self/ns/net").LinkTarget);
        var result =
            await Spawn.RunAsync(
                new SpawnOptions
                {
                    Program = "nsenter",
                    Arguments = [$"--net={Pin}", "sh", "-c", "cat /sys/class/net/lo/flags /proc/net/dev; readlink /proc/self/ns/net"]
                }, null, Token);
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain(own!, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("eth", result.Output, StringComparison.Ordinal);
        var route =
            await Spawn.RunAsync(new SpawnOptions { Program = "nsenter", Arguments = [$"--net={Pin}", "cat", "/proc/net/fib_trie"] }, null,
                Token);
        Assert.Contains("127.0.0.1", route.Output, StringComparison.Ordinal);
        NetworkNamespace.Remove(Pin);
        Assert.False(Path.Exists(Pin));
        NetworkNamespace.Remove(Pin);
    }

    [Fact]
    public void A_taken_path_is_an_error_and_stays()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Pin)!);
        File.AppendAllText(Pin, "x");
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => NetworkNamespace.Create(Pin)).Errno);
        Assert.Equal("x", File.ReadAllText(Pin));
    }

    public void Dispose()
    {
        Mount.Unmount(Pin);
        FileTree.Remove(_home);
    }
}
