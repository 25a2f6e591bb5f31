using Stasis.Engine.Containers.Files;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Xunit;

namespace Stasis.UnitTests.Containers;

public class EtcFilesTests
{
    private const string HostResolvConf = "search corp\nnameserver 127.0.0.53\nnameserver 10.0.0.53\noptions edns0\n";

    private static Container Make(ContainerConfig config,
        params string[] servers) => new(config, new OciSpec { Hostname = "box" }, new ContainerState
        {
            Networks = new Dictionary<string, NetworkStatus>
            {
                ["n"] = new()
                {
                    DnsServers = servers,
                    DnsSearch = servers.Length > 0 ? ["dns.podman"] : null,
                    Interfaces = new Dictionary<string, NetworkInterface>
                    {
                        ["eth0"] = new() { Subnets = [new InterfaceAddress { IpNet = "10.89.0.2/24", Gateway = "10.89.0.1" }] }
                    },
                },
            },
        });

    private static ContainerConfig Config => new() { Id = new string('a', 64), Name = "c", NetworkMode = "bridge" };

    [Fact]
    public void Hosts_are_the_hosts_own_then_those_asked_for_then_the_containers_addresses() => Assert.Equal(
        "10.0.0.1\tgate\n10.1.2.3\tdb "
            + "db2\n10.89.0.1\thost.example\n127.0.0.1\tlocalhost\n::1\tlocalhost\n10.89.0.1\thost.containers.internal "
                + "host.docker.internal\n10.89.0.2\tbox c\n",
        EtcFiles.Hosts("10.0.0.1 gate # the gate\n", Make(Config with { HostsAdd = ["db;db2:10.1.2.3", "host.example:host-gateway"] })));

    [Fact]
    public void Name_servers_on_the_hosts_loopback_are_left_out() =>
        Assert.Equal("search corp\nnameserver 10.0.0.53\noptions edns0\n", EtcFiles.ResolvConf(HostResolvConf, Make(Config)));

    [Fact]
    public void Those_of_the_networks_come_before_the_hosts() =>
        Assert.Equal("search dns.podman\nsearch corp\noptions edns0\nnameserver 10.89.0.1\n",
            EtcFiles.ResolvConf(HostResolvConf, Make(Config, "10.89.0.1")));

    [Fact]
    public void Given_values_take_the_place_of_the_hosts() => Assert.Equal(
        "search example.org\nnameserver 9.9.9.9\noptions ndots:3\n",
        EtcFiles.ResolvConf(HostResolvConf,
            Make(Config with { DnsServers = ["9.9.9.9"], DnsSearch = ["example.org"], DnsOptions = ["ndots:3"] })));

    [Fact]
    public void On_the_hosts_network_all_of_the_hosts_stay() =>
        Assert.Equal(HostResolvConf,
            EtcFiles.ResolvConf(HostResolvConf, new Container(Config with { NetworkMode = "host" }, new OciSpec(), new ContainerState())));
}
