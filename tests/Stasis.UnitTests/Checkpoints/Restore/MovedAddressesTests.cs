using System.Net;
using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Model;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Restore;

public sealed class MovedAddressesTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    private CheckpointEntryPaths Checkpoint => new(_temp.Path);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Addresses_of_a_device_are_compared_by_family_and_the_link_s_own_by_the_mac()
    {
        Record(Status("podman", "eth0", "02:00:00:00:00:05", "10.88.0.5/16", "fd00::5/64"));
        var now = Status("podman", "eth0", "02:00:00:00:00:09", "10.88.0.9/16", "fd00::9/64");
        Assert.Equal(
            new Dictionary<IPAddress, IPAddress>
            {
                [IPAddress.Parse("10.88.0.5")] = IPAddress.Parse("10.88.0.9"),
                [IPAddress.Parse("fd00::5")] = IPAddress.Parse("fd00::9"),
                [IPAddress.Parse("fe80::ff:fe00:5")] = IPAddress.Parse("fe80::ff:fe00:9"),
            },
            MovedAddresses.Compare(Checkpoint, "a", now));
    }

    [Fact]
    public void A_device_on_another_network_is_the_same_device()
    {
        Record(Status("here", "eth0", null, "10.90.2.5/24"));
        Assert.Equal(
            IPAddress.Parse("10.90.3.7"),
            MovedAddresses.Compare(Checkpoint, "a", Status("there", "eth0", null, "10.90.3.7/24"))[IPAddress.Parse("10.90.2.5")]);
    }

    [Fact]
    public void Nothing_moves_without_a_change_or_without_networks()
    {
        var same = Status("podman", "eth0", "02:00:00:00:00:05", "10.88.0.5/16");
        Assert.Empty(MovedAddresses.Compare(Checkpoint, "a", same));
        Record(same);
        Assert.Empty(MovedAddresses.Compare(Checkpoint, "a", same));
        Assert.Empty(MovedAddresses.Compare(Checkpoint, "a", null));
        Assert.Empty(MovedAddresses.Compare(Checkpoint, "a", Status("podman", "eth1", null, "10.88.0.9/16")));
    }

    private static Dictionary<string, NetworkStatus> Status(string network, string device, string? mac, params string[] addresses) => new()
    {
        [network] = new NetworkStatus
        {
            Interfaces = new Dictionary<string, NetworkInterface>
            {
                [device] = new() { MacAddress = mac, Subnets = [.. addresses.Select(address => new InterfaceAddress { IpNet = address })] },
            },
        },
    };

    private void Record(IReadOnlyDictionary<string, NetworkStatus> status) => File.WriteAllBytes(
        Checkpoint.NetworkStatus,
        JsonSerializer.SerializeToUtf8Bytes(status, EngineJson.Default.IReadOnlyDictionaryStringNetworkStatus));
}
