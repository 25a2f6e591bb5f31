using Stasis.Engine.Checkpoints.Restore;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Restore;

public sealed class NetworkSysctlsTests
{
    [Theory]
    [InlineData("net.ipv4.ping_group_range", "/proc/sys/net/ipv4/ping_group_range")]
    [InlineData("net.core/somaxconn", "/proc/sys/net/core/somaxconn")]
    [InlineData("net/ipv4/conf/eth0.100/forwarding", "/proc/sys/net/ipv4/conf/eth0.100/forwarding")]
    [InlineData("kernel.msgmax", null)]
    [InlineData("network.x", null)]
    [InlineData("net", null)]
    [InlineData("net..ipv4", null)]
    [InlineData("net/../kernel/core_pattern", null)]
    [InlineData("net/./x", null)]
    [InlineData("/net/x", null)]
    [InlineData("net/ipv4/\0", null)]
    public void Parameters_of_a_network_namespace_have_a_file(string name, string? path) =>
        Assert.Equal(path, NetworkSysctls.FindPath(name));
}
