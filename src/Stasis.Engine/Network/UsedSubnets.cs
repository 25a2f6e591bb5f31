using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Network;

/// <summary>
/// Subnets that a new network must not overlap: those of other networks, Podman's among them, and those that the host
/// has routes to.
/// </summary>
internal static class UsedSubnets
{
    private const string PodmanNetworks = "/etc/containers/networks";

    public static IReadOnlyList<(IPNetwork Subnet, string Owner)> Of(IEnumerable<NetworkConfig> networks) =>
    [
        .. Of(networks, "network"),
        .. Of(PodmansOwn(), "Podman's network"),
        .. Routes(),
    ];

    public static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);

    /// <summary>Podman's pool: 10.89.0.0/24 to 10.255.255.0/24 (containers/common: default_subnet_pools).</summary>
    public static IPNetwork FreeIPv4(IReadOnlyList<(IPNetwork Subnet, string Owner)> used)
    {
        for (var number = 10 << 24 | 89 << 16; number < 11 << 24; number += 1 << 8)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, number);
            var candidate = new IPNetwork(new IPAddress(bytes), 24);
            if (!used.Any(other => Overlap(candidate, other.Subnet)))
                return candidate;
        }
        throw new StasisException("no free subnet is left in 10.89.0.0 to 10.255.255.0")
        {
            Remedy = Remedy.Create($"give one with {new RemedyOption(RemedyOptionKind.Subnet)}"),
        };
    }

    /// <summary>A unique local one (RFC 4193).</summary>
    public static IPNetwork FreeIPv6(IReadOnlyList<(IPNetwork Subnet, string Owner)> used)
    {
        while (true)
        {
            byte[] bytes = [0xfd, .. Convert.FromHexString(RandomHex.Digits(14)), .. new byte[8]];
            var candidate = new IPNetwork(new IPAddress(bytes), 64);
            if (!used.Any(other => Overlap(candidate, other.Subnet)))
                return candidate;
        }
    }

    private static IEnumerable<(IPNetwork, string)> Of(IEnumerable<NetworkConfig> networks, string kind) =>
        networks.SelectMany(
            network => network.Subnets ?? [],
            (network, subnet) => (IPNetwork.Parse(subnet.Subnet), $"{kind} {network.Name}"));

    private static IEnumerable<NetworkConfig> PodmansOwn() => Directory.Exists(PodmanNetworks)
        ? Directory.EnumerateFiles(PodmanNetworks, "*.json").Select(Read).OfType<NetworkConfig>()
        : [];

    private static NetworkConfig? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), EngineJson.Default.NetworkConfig);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // not ours to complain about
        }
    }

    // proc_net(5): addresses are hexadecimal, in the host's byte order. The default route covers all, and says nothing.
    private static IEnumerable<(IPNetwork, string)> Routes() =>
        from line in File.ReadLines("/proc/self/net/route").Skip(1)
        let fields = line.Split('\t')
        where fields.Length > 7
        let address = uint.Parse(fields[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        let mask = uint.Parse(fields[7], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        where mask != 0
        select (new IPNetwork(new IPAddress(address & mask), (int)uint.PopCount(mask)), $"the host's interface {fields[0]}");
}
