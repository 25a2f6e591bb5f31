using System.Net;
using Stasis.Engine;
using Stasis.Engine.Errors;
using Stasis.Engine.Network;
using Xunit;

namespace Stasis.UnitTests.Network;

public sealed class NetworkCreateTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;

    public NetworkCreateTests() =>
        _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });

    public void Dispose()
    {
        _engine.Dispose();
        _temp.Dispose();
    }

    private Task<NetworkConfig> CreateAsync(NetworkCreateOptions options) =>
        _engine.Networks.CreateAsync(options, TestContext.Current.CancellationToken);

    [Fact]
    public async Task Each_gets_a_subnet_a_bridge_and_a_name_of_its_own()
    {
        var (one, two) = (await CreateAsync(new NetworkCreateOptions()), await CreateAsync(new NetworkCreateOptions { IPv6 = true }));

        Assert.NotEqual(one.Name, two.Name);
        Assert.NotEqual(one.Interface, two.Interface);
        Assert.False(UsedSubnets.Overlap(IPNetwork.Parse(one.Subnets![0].Subnet), IPNetwork.Parse(two.Subnets![0].Subnet)));
        Assert.StartsWith("fd", two.Subnets[1].Subnet, StringComparison.Ordinal);
        Assert.Equal(one.Id, _engine.Networks.Get(one.Id[..12]).Id);
        Assert.Equal(["podman", one.Name, two.Name], _engine.Networks.List().Select(network => network.Name));
    }

    [Fact]
    public async Task Options_are_kept_across_engines()
    {
        await CreateAsync(new NetworkCreateOptions
        {
            Name = "own",
            Subnets = ["10.99.7.9/24"],
            IpRanges = ["10.99.7.128/25"],
            Routes = ["10.100.0.0/16,10.99.7.2,7"],
            Labels = new Dictionary<string, string> { ["a"] = "b" },
            Options = new Dictionary<string, string> { ["mtu"] = "9000" },
            Internal = true,
            DisableDns = true,
        });

        using var engine = new StasisEngine(_engine.Options);
        var network = engine.Networks.Get("own");

        Assert.Equal(
            new NetworkSubnet { Subnet = "10.99.7.0/24", LeaseRange = new LeaseRange { Start = "10.99.7.129", End = "10.99.7.254" } },
                network.Subnets!.Single());
        Assert.Equal(new NetworkRoute { Destination = "10.100.0.0/16", Gateway = "10.99.7.2", Metric = 7 }, network.Routes!.Single());
        Assert.Equal(("b", "9000", true), (network.Labels!["a"], network.Options!["mtu"], network.Internal));
    }

    [Theory]
    [InlineData("/", null, null, "names must match")]
    [InlineData("host", null, null, "not be a network mode")]
    [InlineData("n", "10.1.2.3", null, "not in CIDR form")]
    [InlineData("n", "10.1.2.0/31", null, "not in CIDR form")]
    [InlineData("n", "10.88.5.0/24", null, "already used by network podman")]
    [InlineData("n", "10.99.1.0/24", "10.98.1.1", "not in subnet")]
    [InlineData("n", null, "10.98.1.1", "need a --subnet")]
    public async Task Impossible_network_is_refused(string name, string? subnet, string? gateway, string why)
    {
        var failure = await Assert.ThrowsAnyAsync<StasisException>(() => CreateAsync(new NetworkCreateOptions
        {
            Name = name,
            Subnets = subnet is null ? [] : [subnet],
            Gateways = gateway is null ? [] : [gateway],
        }));
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_network_is_named()
    {
        await CreateAsync(new NetworkCreateOptions { Name = "own" });
        var path = _engine.Layout.Network("own");
        await File.WriteAllTextAsync(path, "{", TestContext.Current.CancellationToken);
        Assert.Contains(path, Assert.Throws<StasisException>(() => _engine.Networks.List()).Message, StringComparison.Ordinal);
    }
}
