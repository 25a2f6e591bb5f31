using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Networks;

/// <summary>What becomes of addresses, ports and connections when a container is restored.</summary>
public sealed class RestoredNetworkSettingsTests : IAsyncLifetime
{
    private readonly StasisHost _host = new(networks: true);

    private string Archive => _host.PathOf("a.tar.zst");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Under_its_name_it_has_its_addresses_again(bool export)
    {
        await _host.OkAsync(["run", "-d", "--name", "a", "-p", "8080:7", "busybox", .. Line.Echo(7)]);
        var before = await LinkAsync("a");
        (await Line.ConnectAsync(_host, "127.0.0.1", 8080)).Dispose();
        // The container's side of it has ended too.
        await Eventually.GetAsync(() => _host.OkAsync("exec", "a", "netstat", "-tn"),
            text => !text.Contains(":7 ", StringComparison.Ordinal));

        if (export)
        {
            await _host.OkAsync("container", "checkpoint", "-e", Archive, "a");
            await _host.OkAsync("rm", "a");
            // So that the next free address isn't its own.
            await _host.OkAsync("run", "-d", "--name", "other", "busybox", "sleep", "1000");
            await _host.OkAsync("container", "restore", "-i", Archive);
        }
        else
        {
            await _host.OkAsync("container", "checkpoint", "a");
            await _host.OkAsync("run", "-d", "--name", "other", "busybox", "sleep", "1000");
            await _host.OkAsync("container", "restore", "a");
        }

        Assert.Equal(before, await LinkAsync("a"));
        using var line = await Line.ConnectAsync(_host, "127.0.0.1", 8080);
        Assert.Equal("hello", await line.AskAsync("hello"));
    }

    [Fact]
    public async Task A_new_name_asks_neither_for_the_address_nor_for_the_one_it_was_created_with()
    {
        await _host.OkAsync(
            "run",
            "-d",
            "--name",
            "a",
            "--ip",
            "10.88.4.4",
            "--mac-address",
            "92:d0:c6:0a:29:33",
            "busybox",
            "sleep",
            "1000");
        await _host.OkAsync("container", "checkpoint", "-R", "-e", Archive, "a");

        await _host.OkAsync("container", "restore", "-i", Archive, "--name", "b");
        await _host.OkAsync(
            "container",
            "restore",
            "-i",
            Archive,
            "--name",
            "c",
            "--ip",
            "10.88.4.5",
            "--mac-address",
            "92:d0:c6:0a:29:34",
            "--hostname",
            "other");

        Assert.Equal(3, new[] { await LinkAsync("a"), await LinkAsync("b"), await LinkAsync("c") }.Distinct().Count());
        Assert.Contains("10.88.4.5/16", await LinkAsync("c"), StringComparison.Ordinal);
        Assert.Contains("92:d0:c6:0a:29:34", await LinkAsync("c"), StringComparison.Ordinal);
        Assert.Equal("other", await _host.OkAsync("exec", "c", "hostname"));
        Assert.Contains("10.88.4.5\tother", await _host.OkAsync("exec", "c", "cat", "/etc/hosts"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Taken_addresses_and_ports_are_refused_before_anything_is_made_and_can_be_replaced()
    {
        await _host.OkAsync(["run", "-d", "--name", "a", "--ip", "10.88.4.4", "-p", "8080:7", "busybox", .. Line.Echo(7)]);
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "a");
        await _host.OkAsync("rm", "a");
        await _host.OkAsync("run", "-d", "--name", "thief", "--ip", "10.88.4.4", "-p", "8080:7", "busybox", "sleep", "1000");

        Assert.Contains("10.88.4.4 is already allocated to container thief", await _host.FailAsync("container", "restore", "-i", Archive),
            StringComparison.Ordinal);
        Assert.Contains("port 8080/tcp is in use", await _host.FailAsync("container", "restore", "-i", Archive, "--ignore-static-ip"),
            StringComparison.Ordinal);
        Assert.DoesNotContain("\na\n", $"\n{await _host.OkAsync("ps", "-a", "--format", "{{.Names}}")}\n", StringComparison.Ordinal);
        await _host.OkAsync("container", "restore", "-i", Archive, "--ignore-static-ip", "--ignore-static-mac", "--publish", "8081:7");

        using var line = await Line.ConnectAsync(_host, "127.0.0.1", 8081);
        Assert.Equal("hello", await line.AskAsync("hello"));
    }

    [Fact]
    public async Task Container_can_move_to_another_network_or_to_none()
    {
        await _host.OkAsync("network", "create", "--subnet", "10.99.9.0/24", "own");
        await _host.OkAsync("run", "-d", "--name", "a", "busybox", "sleep", "1000");
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "a");

        await _host.OkAsync("container", "restore", "-i", Archive, "--name", "b", "--network", "own:ip=10.99.9.9");
        await _host.OkAsync("container", "restore", "-i", Archive, "--name", "c", "--network", "none");

        Assert.Contains("10.99.9.9/24", await LinkAsync("b"), StringComparison.Ordinal);
        Assert.DoesNotContain("eth0", await _host.OkAsync("exec", "c", "ip", "link"), StringComparison.Ordinal);
        Assert.Contains("can't be restored on the host's",
            await _host.FailAsync("container", "restore", "-i", Archive, "--name", "d", "--network", "host"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_are_refused_by_name_kept_or_closed()
    {
        await _host.OkAsync(["run", "-d", "--name", "a", "--ip", "10.88.5.5", "busybox", .. Line.Echo(7)]);
        using var line = await Line.ConnectAsync(_host, "10.88.5.5", 7);
        Assert.Equal("one", await line.AskAsync("one"));

        Assert.Contains("10.88.5.5]:7 to ", await _host.FailAsync("container", "checkpoint", "-e", Archive, "a"), StringComparison.Ordinal);
        Assert.Equal("two", await line.AskAsync("two"));

        for (var round = 0; round < 3; round++)
        {
            await _host.OkAsync("container", "checkpoint", "--tcp-established", "-e", Archive, "a");
            await line.SayAsync($"meanwhile {round}");
            await _host.OkAsync("rm", "a");
            Assert.Contains("1 established TCP connection", await _host.FailAsync("container", "restore", "-i", Archive),
                StringComparison.Ordinal);
            await _host.OkAsync("container", "restore", "--tcp-established", "-i", Archive);
            Assert.Equal($"meanwhile {round}", await line.HearAsync());
            Assert.Equal("three", await line.AskAsync("three"));
        }

        await _host.OkAsync("container", "checkpoint", "--tcp-established", "a");
        await _host.OkAsync("container", "restore", "--tcp-close", "a");
        using var fresh = await Line.ConnectAsync(_host, "10.88.5.5", 7);
        Assert.Equal("four", await fresh.AskAsync("four"));
    }

    [Theory]
    [InlineData("checkpoint.frozen")]
    [InlineData("checkpoint.dumped")]
    [InlineData("checkpoint.written")]
    public async Task Killed_in_the_middle_of_a_checkpoint_the_connection_goes_on(string step)
    {
        await _host.OkAsync(["run", "-d", "--name", "a", "--ip", "10.88.5.5", "busybox", .. Line.Echo(7)]);
        using var line = await Line.ConnectAsync(_host, "10.88.5.5", 7);
        Assert.Equal("one", await line.AskAsync("one"));

        Assert.Equal(137,
            (await _host.RunWithAsync(
                [$"STASIS_FAULT={step}=kill"],
                "container",
                "checkpoint",
                "--tcp-established",
                "-e",
                Archive,
                "a")).ExitCode);
        await line.SayAsync("meanwhile");
        await _host.OkAsync("ps");

        Assert.Equal("meanwhile", await line.HearAsync());
    }

    private Task<string> LinkAsync(string container) =>
        _host.OkAsync("exec", container, "sh", "-c", "ip -o -4 addr show eth0 | cut -d' ' -f7; cat /sys/class/net/eth0/address");
}
