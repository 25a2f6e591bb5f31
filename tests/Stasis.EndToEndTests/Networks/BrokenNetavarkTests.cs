using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.EndToEndTests.Networks;

/// <summary>A container can be removed, and its name taken again, also where netavark fails.</summary>
public sealed class BrokenNetavarkTests : IAsyncLifetime
{
    private readonly StasisHost _host = new(networks: true);

    // netavark is run through flock(1).
    private Task<string> BrokenAsync(string command) =>
        _host.OnHostAsync("sh", "-c", $"PATH={_host.PathOf("broken")}:$PATH; {_host.Line} {command} 2>&1");

    [Fact]
    public async Task Container_is_removed_with_a_warning_that_names_what_may_be_left()
    {
        await _host.OkAsync("run", "-d", "--name", "a", "-p", "8080:80", "busybox", "sleep", "1000");
        var id = await _host.InspectAsync("a", "{{.Id}}");

        var removed = await BrokenAsync("rm -f -t 0 a");

        Assert.Contains(
            "the network of container a can't be taken down: netavark setup for container a: it is broken",
            removed,
            StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("ps", "-aq"));
        Assert.False(File.Exists($"{_host.RunRoot}/networks/requests/{id}"));
        Assert.Null(FileStatus.TryRead($"{_host.RunRoot}/netns/{id}"));
        await _host.OkAsync("run", "--rm", "--name", "a", "-p", "8080:80", "busybox", "true"); // takes the bridge with it
    }

    [Fact]
    public async Task Container_whose_start_was_killed_is_removed()
    {
        await _host.RunWithAsync(["STASIS_FAULT=network.connected=kill"], "run", "-d", "--name", "a", "busybox", "sleep", "1000");

        await BrokenAsync("ps -a");
        await BrokenAsync("rm -f --ignore a");

        await _host.OkAsync("run", "-d", "--name", "a", "busybox", "sleep", "1000");
    }

    [Theory]
    [InlineData("interface_name=../../x")]
    [InlineData("interface_name=lo")]
    [InlineData("interface_name=eth%d")]
    [InlineData("interface_name=twenty-letters-are-20")]
    [InlineData("mac=ff:ff:ff:ff:ff:ff")]
    [InlineData("mac=00:00:00:00:00:00")]
    [InlineData("ip=10.88.0.1")]
    [InlineData("ip=10.88.0.0")]
    [InlineData("ip=10.88.255.255")]
    public async Task Values_that_netavark_would_fail_on_are_refused(string option)
    {
        var run = await _host.RunAsync("run", "--rm", "--name", "a", "--network", $"podman:{option}", "busybox", "true");

        Assert.Equal(125, run.ExitCode);
        Assert.Contains(option.Split('=')[1], run.Error, StringComparison.Ordinal);
        await _host.OkAsync("rm", "-f", "--ignore", "a");
        Assert.Equal("", await _host.OkAsync("ps", "-aq"));
    }

    public async ValueTask InitializeAsync()
    {
        await _host.ImportBusyboxAsync();
        Directory.CreateDirectory(_host.PathOf("broken"));
        await File.WriteAllTextAsync(
            _host.PathOf("broken/flock"),
            """
            #!/bin/sh
            echo '{"error":"it is broken"}'
            exit 1

            """,
            TestContext.Current.CancellationToken);
        await _host.ShellAsync("chmod 755 broken/flock");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
