using System.Net;
using System.Net.Sockets;
using Stasis.Engine.Errors;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Network;

namespace Stasis.Engine.Network;

public sealed partial class NetworkManager
{
    private static readonly RemedyOption SubnetOption = new(RemedyOptionKind.Subnet);
    private static readonly string[] Drivers = ["bridge", "macvlan", "ipvlan"];

    // What --network takes in place of a network's name, in Podman.
    private static readonly string[] Modes =
        ["none", "host", "bridge", "default", "container", "private", "pasta", "slirp4netns", "ns"];

    /// <summary>Makes a network. Nothing of it is on the host until a container uses it.</summary>
    /// <exception cref="InUseException">Name, subnet or bridge are taken.</exception>
    public async Task<NetworkConfig> CreateAsync(NetworkCreateOptions options, CancellationToken cancellationToken = default)
    {
        if (options.Name is { } name && (!NetworkStore.IsName(name) || Modes.Contains(name)))
            throw new InvalidRequestException(
                $"network name {name}: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*, and not be a network mode");
        if (!Drivers.Contains(options.Driver))
            throw new InvalidRequestException($"unsupported driver {options.Driver}") { Remedy = $"one of {string.Join(", ", Drivers)}" };
        using var held = await LockAsync(cancellationToken);
        var existing = List();
        if (existing.FirstOrDefault(network => network.Name == options.Name) is { } same)
        {
            return options.Ignore ? same
                : throw new InUseException($"network name {same.Name} already used")
                {
                    Remedy = Remedy.Create(
                        $"choose another name, or remove it ({new RemedyCall(RemedyCallKind.RemoveNetwork, same.Name)})"),
                };
        }
        var dns = options is { DisableDns: false, Driver: "bridge" } && Netavark.FindDns() is not null;
        // aardvark-dns listens at the gateway; without it, nobody needs one where no way leads out.
        var subnets = ReadSubnets(options, existing, withGateway: dns || !options.Internal);
        var network = new NetworkConfig
        {
            Name = options.Name ?? FindFree(number => $"stasis{number}", taken => existing.Any(network => network.Name == taken)),
            Id = RandomHex.Digits(64),
            Driver = options.Driver,
            Interface = ChooseInterface(options, existing),
            Created = DateTimeOffset.UtcNow,
            Subnets = subnets,
            Routes = options.Routes.Count > 0 ? [.. options.Routes.Select(ParseRoute)] : null,
            IPv6Enabled = subnets.Any(subnet => subnet.Subnet.Contains(':')),
            Internal = options.Internal,
            DnsEnabled = dns,
            DnsServers = options.DnsServers.Count > 0
                ? [.. options.DnsServers.Select(server => IpAddressParser.Parse(server).ToString())] : null,
            Labels = options.Labels.Count > 0 ? options.Labels : null,
            Options = options.Options.Count > 0 ? options.Options : null,
            IpamOptions = new Dictionary<string, string> { ["driver"] = "host-local" },
        };
        _store.Save(network);
        return network;
    }

    private static string? ChooseInterface(NetworkCreateOptions options, IReadOnlyList<NetworkConfig> existing)
    {
        if (options.Driver != "bridge")
            return options.Interface ?? options.Options.GetValueOrDefault("parent");
        if (options.Interface is null)
        {
            return FindFree(
                number => $"stasis{number}",
                taken => existing.Any(network => network.Interface == taken) || NetworkDevice.Exists(taken));
        }
        if (options.Interface.Length > 15 || !NetworkStore.IsName(options.Interface))
            throw new InvalidRequestException($"bridge name {options.Interface}: names have at most 15 characters of [a-zA-Z0-9_.-]");
        if (existing.FirstOrDefault(network => network.Interface == options.Interface) is { } owner)
            throw new InUseException($"bridge name {options.Interface} is already used by network {owner.Name}");
        return options.Interface;
    }

    private static List<NetworkSubnet> ReadSubnets(NetworkCreateOptions options, IReadOnlyList<NetworkConfig> existing, bool withGateway)
    {
        if (options.Gateways.Count > options.Subnets.Count || options.IpRanges.Count > options.Subnets.Count)
            throw new InvalidRequestException("--gateway and --ip-range need a --subnet each");
        var used = UsedSubnets.Of(existing);
        var subnets = options.Subnets.Select((text, index) => ParseSubnet(
            text,
            options.Gateways.ElementAtOrDefault(index),
            options.IpRanges.ElementAtOrDefault(index),
            withGateway)).ToList();
        foreach (var subnet in subnets.Select(subnet => IPNetwork.Parse(subnet.Subnet)))
        {
            if (used.FirstOrDefault(other => UsedSubnets.Overlap(subnet, other.Subnet)) is { Owner: { } owner })
                throw new InUseException($"subnet {subnet} is already used by {owner}")
                {
                    Remedy = Remedy.Create(
                        $"choose another {new RemedyOption(RemedyOptionKind.Subnet)}, or none to have a free one chosen"),
                };
        }
        if (!subnets.Exists(subnet => !subnet.Subnet.Contains(':')) && (subnets.Count == 0 || options.IPv6))
            subnets.Insert(0, ParseSubnet(UsedSubnets.FreeIPv4(used).ToString(), null, null, withGateway));
        if (options.IPv6 && !subnets.Exists(subnet => subnet.Subnet.Contains(':')))
            subnets.Add(ParseSubnet(UsedSubnets.FreeIPv6(used).ToString(), null, null, withGateway));
        return subnets;
    }

    private static NetworkSubnet ParseSubnet(string text, string? gateway, string? range, bool withGateway)
    {
        var subnet = ParseNetwork(text);
        var pool = new AddressPool(new NetworkSubnet { Subnet = subnet.ToString() });
        var first = gateway is { Length: > 0 } ? IpAddressParser.Parse(gateway) : pool.Next(null, new HashSet<IPAddress>());
        if (first is null || !subnet.Contains(first))
            throw new InvalidRequestException($"gateway {gateway} not in subnet {subnet}");
        return new NetworkSubnet
        {
            Subnet = subnet.ToString(),
            Gateway = withGateway || gateway is not null ? first.ToString() : null,
            LeaseRange = range is { Length: > 0 } ? ParseRange(range, subnet) : null,
        };
    }

    private static LeaseRange ParseRange(string text, IPNetwork subnet)
    {
        LeaseRange range;
        if (text.Split('-') is [var first, var last])
        {
            range = new LeaseRange { Start = IpAddressParser.Parse(first).ToString(), End = IpAddressParser.Parse(last).ToString() };
        }
        else
        {
            var part = ParseNetwork(text);
            var ends = new AddressPool(new NetworkSubnet { Subnet = part.ToString() });
            range = new LeaseRange { Start = ends.First.ToString(), End = ends.Last.ToString() };
        }
        return subnet.Contains(IPAddress.Parse(range.Start!)) && subnet.Contains(IPAddress.Parse(range.End!)) ? range
            : throw new InvalidRequestException($"ip range {text} not in subnet {subnet}");
    }

    private static NetworkRoute ParseRoute(string text) => text.Split(',') switch
    {
        [var destination, var gateway] =>
            new NetworkRoute { Destination = ParseNetwork(destination).ToString(), Gateway = IpAddressParser.Parse(gateway).ToString() },
        [var destination, var gateway, var metric] when uint.TryParse(metric, out var number) =>
            new NetworkRoute
            {
                Destination = ParseNetwork(destination).ToString(),
                Gateway = IpAddressParser.Parse(gateway).ToString(),
                Metric = number,
            },
        _ => throw new InvalidRequestException($"invalid route: \"{text}\" isn't DESTINATION,GATEWAY[,METRIC]"),
    };

    // A host's address stands for the network that it is in, as Podman takes it.
    private static IPNetwork ParseNetwork(string text)
    {
        if (text.Split('/') is not [var address, var length]
            || !IpAddressParser.TryParse(address, out var ip)
            || !int.TryParse(length, out var bits)
            || bits < 1 || bits > (ip.AddressFamily == AddressFamily.InterNetwork ? 30 : 126))
            throw new InvalidRequestException($"subnet \"{text}\" is not in CIDR form, such as 10.90.0.0/24")
            {
                Remedy = Remedy.Create(
                    $"give an address and the length of its prefix, from 1 to 30 (IPv6: 126); without {SubnetOption} a free one is chosen"),
            };
        var bytes = ip.GetAddressBytes();
        for (var bit = bits; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), bits);
    }

    private static string FindFree(Func<int, string> name, Func<string, bool> isTaken)
    {
        for (var number = 1; ; number++)
        {
            if (!isTaken(name(number)))
                return name(number);
        }
    }
}
