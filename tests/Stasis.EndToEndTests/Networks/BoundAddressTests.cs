using Stasis.EndToEndTests.Checkpoints;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Networks;

/// <summary>Programs whose sockets are bound to the container's own addresses, which copies don't have.</summary>
public sealed class BoundAddressTests : IAsyncLifetime
{
    private readonly StasisHost _host = new(networks: true);

    private string Archive => _host.PathOf("archive.tar");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync("workload", ["bound"]);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Copies_are_bound_to_their_own_addresses()
    {
        await _host.OkAsync("network", "create", "--ipv6", "--subnet", "10.90.1.0/24", "--subnet", "fd00:90:1::/64", "both");
        await _host.OkAsync("run", "-d", "--name", "original", "--network", "both", "workload", "bound");
        await Workload.CountsAsync(_host, "original", 3);
        await _host.OkAsync("container", "checkpoint", "-R", "-c", "none", "-e", Archive, "original");
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy");
        await Workload.CountsAsync(_host, "copy", 8);
        await _host.OkAsync("clone", "--name", "clone", "copy");
        await Workload.CountsAsync(_host, "clone", 12);
        await Workload.CountsAsync(_host, "original", 12);
    }

    [Fact]
    public async Task A_copy_on_another_network_is_bound_to_its_address_there()
    {
        await _host.OkAsync("network", "create", "--subnet", "10.90.2.0/24", "here");
        await _host.OkAsync("network", "create", "--subnet", "10.90.3.0/24", "there");
        await _host.OkAsync("run", "-d", "--name", "original", "--network", "here", "workload", "bound");
        await Workload.CountsAsync(_host, "original", 3);
        await _host.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, "original");
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy", "--network", "there");
        await Workload.CountsAsync(_host, "copy", 8);
    }
}
