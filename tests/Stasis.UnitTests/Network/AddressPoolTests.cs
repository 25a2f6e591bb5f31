using System.Net;
using Stasis.Engine.Network;
using Xunit;

namespace Stasis.UnitTests.Network;

public class AddressPoolTests
{
    private static readonly HashSet<IPAddress> None = [];

    private static AddressPool Pool(string subnet, string? gateway = null, string? first = null, string? last = null) =>
        new(new NetworkSubnet
        {
            Subnet = subnet,
            Gateway = gateway,
            LeaseRange = first is null ? null : new LeaseRange { Start = first, End = last }
        });

    private static HashSet<IPAddress> Set(params string[] addresses) => [.. addresses.Select(IPAddress.Parse)];

    [Theory]
    [InlineData("10.1.2.0/24", "10.1.2.1", null, "10.1.2.2")]
    [InlineData("10.1.2.0/24", null, null, "10.1.2.1")]
    [InlineData("10.1.2.0/24", "10.1.2.1", "10.1.2.7", "10.1.2.8")]
    [InlineData("10.1.2.0/24", "10.1.2.1", "10.1.2.254", "10.1.2.2")] // neither broadcast nor gateway
    [InlineData("10.1.2.0/24", "10.1.2.1", "10.9.9.9", "10.1.2.2")] // of a subnet that it had before
    [InlineData("fd00::/64", "fd00::1", null, "fd00::2")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "10.0.255.255", "10.1.0.0")]
    public void The_next_one(string subnet, string? gateway, string? last, string expected) =>
        Assert.Equal(IPAddress.Parse(expected), Pool(subnet, gateway).Next(last is null ? null : IPAddress.Parse(last), None));

    [Fact]
    public void Within_the_lease_range_alone()
    {
        var pool = Pool("10.1.2.0/24", "10.1.2.1", "10.1.2.10", "10.1.2.12");
        Assert.Equal(IPAddress.Parse("10.1.2.11"), pool.Next(null, Set("10.1.2.10")));
        Assert.Equal(IPAddress.Parse("10.1.2.10"), pool.Next(IPAddress.Parse("10.1.2.12"), None));
        Assert.Null(pool.Next(null, Set("10.1.2.10", "10.1.2.11", "10.1.2.12")));
    }

    [Fact]
    public void Every_address_is_given_out_once_and_then_none()
    {
        var pool = Pool("10.1.2.0/28", "10.1.2.1");
        var taken = new HashSet<IPAddress>();
        IPAddress? last = null;
        while (pool.Next(last, taken) is { } next)
        {
            Assert.True(taken.Add(next));
            last = next;
        }
        Assert.Equal(13, taken.Count); // 16, less the network's, the gateway and broadcasts
    }
}
