using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Networks;

/// <summary>Containers on bridges that netavark makes.</summary>
public sealed class NetworkTests : IAsyncLifetime
{
    private readonly StasisHost _host = new(networks: true);

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_default_network_is_Podmans_bridge()
    {
        Assert.Equal("podman bridge podman0",
            await _host.OkAsync("network", "inspect", "podman", "--format", "{{.name}} {{.driver}} {{.network_interface}}"));
        await _host.OkAsync("run", "-d", "--name", "a", "--cap-add", "NET_RAW", "busybox", "sleep", "1000");
        await _host.OkAsync("run", "-d", "--name", "b", "busybox", "sleep", "1000");

        var (a, b) = (await AddressAsync("a"), await AddressAsync("b"));

        Assert.StartsWith("10.88.", a, StringComparison.Ordinal);
        Assert.NotEqual(a, b);
        await _host.OkAsync("exec", "a", "ping", "-c", "1", "-W", "5", b);
        await _host.OnHostAsync("busybox", "ping", "-c", "1", "-W", "5", a);
        Assert.Contains($"{a}\t", await _host.OkAsync("exec", "a", "cat", "/etc/hosts"), StringComparison.Ordinal);
        await _host.OkAsync("rm", "-f", "a", "b");
        Assert.DoesNotContain("podman0", await _host.OnHostAsync("ip", "link"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_that_were_asked_for_are_given_or_refused()
    {
        await _host.OkAsync("network", "create", "--subnet", "10.99.7.0/24", "own");
        await _host.OkAsync("run", "-d", "--name", "a", "--network", "own:ip=10.99.7.77,mac=aa:bb:cc:dd:ee:01", "busybox", "sleep", "1000");

        Assert.Equal("10.99.7.77", await AddressAsync("a"));
        Assert.Contains("aa:bb:cc:dd:ee:01", await _host.OkAsync("exec", "a", "ip", "link", "show", "eth0"), StringComparison.Ordinal);
        Assert.Contains("10.99.7.77 is already allocated to container a",
            await _host.FailAsync("run", "--rm", "--network", "own", "--ip", "10.99.7.77", "busybox", "true"), StringComparison.Ordinal);
        Assert.Contains("not in any subnet", await _host.FailAsync("create", "--network", "own", "--ip", "10.1.1.1", "busybox", "true"),
            StringComparison.Ordinal);
        Assert.Contains("already used by container a",
            await _host.FailAsync("run", "--rm", "--network", "own:mac=AA:BB:CC:DD:EE:01", "busybox", "true"), StringComparison.Ordinal);
        Assert.Contains("network not found", await _host.FailAsync("run", "--rm", "--network", "other", "busybox", "true"),
            StringComparison.Ordinal);
        // Stopped, it has given the address back; started again, it has it again.
        await _host.OkAsync("stop", "-t", "0", "a");
        await _host.OkAsync("run", "--rm", "--network", "own", "--ip", "10.99.7.77", "busybox", "true");
        await _host.OkAsync("start", "a");
        Assert.Equal("10.99.7.77", await AddressAsync("a"));
    }

    [Fact]
    public async Task A_container_on_two_networks_has_an_interface_on_each()
    {
        await _host.OkAsync("network", "create", "one");
        await _host.OkAsync("network", "create", "--internal", "two");
        await _host.OkAsync(
            "run",
            "-d",
            "--name",
            "a",
            "--network",
            "one",
            "--network",
            "two:interface_name=inner",
            "busybox",
            "sleep",
            "1000");

        var links = await _host.OkAsync("exec", "a", "ip", "-o", "link");

        Assert.Contains("eth0", links, StringComparison.Ordinal);
        Assert.Contains("inner", links, StringComparison.Ordinal);
        Assert.Single((await _host.OkAsync("exec", "a", "ip", "route")).Split('\n'),
            line => line.StartsWith("default", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Containers_find_each_other_by_name()
    {
        await _host.OkAsync("network", "create", "named");
        await _host.OkAsync("run", "-d", "--name", "server", "--network", "named:alias=db", "busybox", "sleep", "1000");
        var address = await AddressAsync("server");

        foreach (var name in (string[])["server", "db"])
            Assert.Contains(address, await _host.OkAsync("run", "--rm", "--network", "named", "busybox", "nslookup", name),
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task Published_ports_lead_into_the_container_and_nobody_else_gets_them()
    {
        await _host.OkAsync(["run", "-d", "--name", "a", "-p", "8080:7", "-p", "127.0.0.1:9000-9001:7-8", "busybox", .. Line.Echo(7)]);

        using (var line = await Line.ConnectAsync(_host, "127.0.0.1", 8080))
            Assert.Equal("hello", await line.AskAsync("hello"));
        using (var line = await Line.ConnectAsync(_host, "127.0.0.1", 9000))
            Assert.Equal("hello", await line.AskAsync("hello"));

        Assert.Contains("port 8080/tcp is in use: container a publishes it",
            await _host.FailAsync("run", "--rm", "-p", "8080:1", "busybox", "true"), StringComparison.Ordinal);
        await _host.OkAsync("run", "--rm", "-p", "8080:1/udp", "busybox", "true");
        await _host.OkAsync("rm", "-f", "a");
        await _host.OkAsync("run", "--rm", "-p", "8080:1", "busybox", "true");
        await _host.OkAsync("run", "--rm", "-p", "7", "busybox", "true");
    }

    [Fact]
    public async Task A_port_that_a_program_of_the_host_has_is_refused()
    {
        var command = await Spawn.RunAsync(new SpawnOptions
        {
            Program = "nsenter",
            Arguments =
            [
                $"--net={_host.NetNs}", "sh", "-c",
                $"busybox nc -l -p 8080 & until busybox netstat -ltn | grep -q :8080; do :; done; {StasisHost.Binary} --root "
                    + $"{_host.Root} --runroot {_host.RunRoot} run --rm -p 8080:1 busybox true; s=$?; kill $!; exit $s"
            ],
        }, StasisHost.TimeLimit, TestContext.Current.CancellationToken);

        Assert.Equal(125, command.ExitCode);
        Assert.Contains("port 8080/tcp is in use by a program on this host", command.Error, StringComparison.Ordinal);
        await _host.OkAsync("rm", "-fa");
    }

    [Fact]
    public async Task Networks_are_made_listed_and_removed()
    {
        Assert.Equal("stasis1", await _host.OkAsync("network", "create"));
        await _host.OkAsync(
            "network",
            "create",
            "--subnet",
            "10.99.8.0/24",
            "--gateway",
            "10.99.8.254",
            "--ip-range",
            "10.99.8.128/25",
            "--label",
            "a=b",
            "--ipv6",
            "full");
        await _host.OkAsync("network", "create", "--ignore", "full");

        Assert.Contains("already used", await _host.FailAsync("network", "create", "full"), StringComparison.Ordinal);
        Assert.Contains("already used by network full", await _host.FailAsync("network", "create", "--subnet", "10.99.8.64/26", "x"),
            StringComparison.Ordinal);
        Assert.Contains("cannot be removed", await _host.FailAsync("network", "rm", "podman"), StringComparison.Ordinal);
        Assert.Equal("full\npodman\nstasis1", await _host.OkAsync("network", "ls", "-q"));
        using (var full = JsonDocument.Parse(await _host.OkAsync("network", "inspect", "full")))
        {
            Assert.Equal("10.99.8.254", full.RootElement[0].GetProperty("subnets")[0].GetProperty("gateway").GetString());
            Assert.Equal(2, full.RootElement[0].GetProperty("subnets").GetArrayLength());
        }
        await _host.OkAsync("run", "-d", "--name", "a", "--network", "full", "busybox", "sleep", "1000");
        Assert.StartsWith("10.99.8.1", await AddressAsync("a"), StringComparison.Ordinal);
        Assert.Contains("inet6 fd", await _host.OkAsync("exec", "a", "ip", "-6", "addr"), StringComparison.Ordinal);
        Assert.Contains("has associated containers with it: a", await _host.FailAsync("network", "rm", "full"), StringComparison.Ordinal);
        Assert.Equal("stasis1", await _host.OkAsync("network", "prune", "-f"));
        Assert.Equal("full", await _host.OkAsync("network", "rm", "-f", "full"));
        Assert.Equal("", await _host.OkAsync("ps", "-aq"));
        Assert.Equal(1, (await _host.RunAsync("network", "exists", "full")).ExitCode);
    }

    [Theory]
    [InlineData("network.requested")]
    [InlineData("network.connected")]
    [InlineData("start.launched")]
    public async Task Killed_while_a_container_is_attached_its_address_is_free_again(string step)
    {
        await _host.OkAsync("create", "--name", "a", "--ip", "10.88.3.3", "-p", "8080:80", "busybox", "sleep", "1000");

        Assert.Equal(137, (await _host.RunWithAsync([$"STASIS_FAULT={step}=kill"], "start", "a")).ExitCode);

        await _host.OkAsync("run", "-d", "--name", "b", "--ip", "10.88.3.3", "-p", "8080:80", "busybox", "sleep", "1000");
        await _host.OnHostAsync("busybox", "ping", "-c", "1", "-W", "5", "10.88.3.3");
        await _host.OkAsync("rm", "-f", "a", "b");
        Assert.DoesNotContain("podman0", await _host.OnHostAsync("ip", "link"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_and_servers_that_were_asked_for_are_in_the_files()
    {
        var text = await _host.OkAsync(
            "run",
            "--rm",
            "--add-host",
            "other:10.1.2.3",
            "--dns",
            "10.9.9.9",
            "--dns-search",
            "example.org",
            "--dns-option",
            "ndots:3",
            "busybox",
            "cat",
            "/etc/hosts",
            "/etc/resolv.conf");

        Assert.Contains("10.1.2.3\tother", text, StringComparison.Ordinal);
        Assert.Contains("nameserver 10.9.9.9", text, StringComparison.Ordinal);
        Assert.Contains("search example.org", text, StringComparison.Ordinal);
        Assert.Contains("options ndots:3", text, StringComparison.Ordinal);
    }

    private async Task<string> AddressAsync(string container) =>
        (await _host.OkAsync("exec", container, "ip", "-o", "-4", "addr", "show", "eth0")).Split(' ',
            StringSplitOptions.RemoveEmptyEntries)[3].Split('/')[0];
}
