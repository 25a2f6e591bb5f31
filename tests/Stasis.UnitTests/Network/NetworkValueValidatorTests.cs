using System.Net;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Xunit;

namespace Stasis.UnitTests.Network;

public class NetworkValueValidatorTests
{
    [Theory]
    [InlineData("eth0", true)]
    [InlineData("fifteen-bytes-x", true)]
    [InlineData("sixteen-bytes-xx", false)]
    [InlineData("ääääääää", false)]
    [InlineData("", false)]
    [InlineData("lo", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("../../x", false)]
    [InlineData("eth%d", false)]
    [InlineData("a b", false)]
    [InlineData("a\tb", false)]
    [InlineData("a:b", false)]
    public void Interface_names_follow_the_kernel_s_rules(string name, bool isOne) =>
        Assert.Equal(isOne, NetworkValueValidator.WhyNotInterfaceName(name) is null);

    [Theory]
    [InlineData("92:d0:c6:0a:29:33", true)]
    [InlineData("92-D0-C6-0A-29-33", true)]
    [InlineData("00:00:00:00:00:00", false)]
    [InlineData("ff:ff:ff:ff:ff:ff", false)]
    [InlineData("01:00:5e:00:00:01", false)]
    [InlineData("92:d0:c6:0a:29", false)]
    [InlineData("92d0c60a2933", false)]
    [InlineData("x", false)]
    public void A_MAC_address_is_one_interface_s(string mac, bool isOne) =>
        Assert.Equal(isOne, NetworkValueValidator.WhyNotMac(mac) is null);

    [Theory]
    [InlineData("db", true)]
    [InlineData("my_db.example", true)]
    [InlineData("a b", false)]
    [InlineData("\n", false)]
    [InlineData("a..b", false)]
    [InlineData("", false)]
    public void Names_are_those_that_DNS_holds(string name, bool isOne) =>
        Assert.Equal(isOne, NetworkValueValidator.WhyNotDnsName(name) is null);

    [Theory]
    [InlineData("a:1.2.3.4", true)]
    [InlineData("a;b:1.2.3.4", true)]
    [InlineData("a:::1", true)]
    [InlineData("a:host-gateway", true)]
    [InlineData("x\ny:1.2.3.4", false)]
    [InlineData("evil;x:not-an-ip", false)]
    [InlineData(":", false)]
    [InlineData("a", false)]
    public void Entries_of_hosts_have_names_and_an_address(string entry, bool isOne) =>
        Assert.Equal(isOne, NetworkValueValidator.WhyNotHostsEntry(entry) is null);

    [Theory]
    [InlineData("", 8080, 80, 1, "tcp", true)]
    [InlineData("127.0.0.1", 8080, 80, 10, "tcp,udp", true)]
    [InlineData("::1", 8080, 80, 0, "", true)]
    [InlineData("localhost", 8080, 80, 1, "tcp", false)]
    [InlineData("", 0, 80, 1, "tcp", false)]
    [InlineData("", 80, 0, 1, "tcp", false)]
    [InlineData("", 65000, 80, 1000, "tcp", false)]
    [InlineData("", 80, 65000, 1000, "tcp", false)]
    [InlineData("", 80, 80, 1, "icmp", false)]
    public void Ports_are_ports(string ip, ushort host, ushort container, ushort range, string protocol, bool isOne) =>
        Assert.Equal(isOne, NetworkValueValidator.WhyNotPort(Port(ip, host, container, range, protocol)) is null);

    [Fact]
    public void Ports_are_named_as_they_are_allowed()
    {
        Assert.Equal("8080", NetworkValueValidator.Text(Port("", 8080, 80, 1, "tcp")));
        Assert.Equal("8080-8082/udp", NetworkValueValidator.Text(Port("", 8080, 80, 3, "udp")));
        Assert.Equal("[::1]:53/tcp,udp", NetworkValueValidator.Text(Port("::1", 53, 53, 0, "tcp,udp")));
    }

    [Theory]
    [InlineData("10.88.0.1", false)]
    [InlineData("10.88.0.0", false)]
    [InlineData("10.88.255.255", false)]
    [InlineData("10.88.0.2", true)]
    public void Addresses_of_the_subnet_and_the_gateway_are_no_container_s(string address, bool isOne)
    {
        var pool = new AddressPool(NetworkStore.Default.Subnets![0]);

        Assert.Equal(isOne, NetworkValueValidator.WhyNotContainers(pool, IPAddress.Parse(address)) is null);
    }

    private static PortMapping Port(string ip, ushort host, ushort container, ushort range, string protocol) =>
        new() { HostIp = ip, HostPort = host, ContainerPort = container, Range = range, Protocol = protocol };
}
