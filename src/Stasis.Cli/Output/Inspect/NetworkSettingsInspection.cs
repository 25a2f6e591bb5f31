using System.Globalization;
using Stasis.Cli.Output.Tables;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Storage;

namespace Stasis.Cli.Output.Inspect;

/// <summary>What a container has of the network (Podman: InspectNetworkSettings). Its own addresses are those of the default network, if that is its only one.</summary>
internal sealed record NetworkSettingsInspection : AddressInspection
{
    private const string DefaultNetwork = "podman";

    public string Bridge { get; init; } = "";
    public string SandboxID { get; init; } = "";
    public bool HairpinMode { get; init; }
    public string LinkLocalIPv6Address { get; init; } = "";
    public int LinkLocalIPv6PrefixLen { get; init; }
    public required IReadOnlyDictionary<string, IReadOnlyList<HostPortInspection>?> Ports { get; init; }
    public required string SandboxKey { get; init; }
    public required IReadOnlyDictionary<string, AttachedNetworkInspection> Networks { get; init; }

    public static NetworkSettingsInspection FromContainer(Container container, IReadOnlyList<NetworkConfig> networks, ContainerLayout paths)
    {
        var (config, state) = (container.Config, container.State);
        var attached = config.Networks ?? new Dictionary<string, NetworkAttachment>();
        var ports = HostPortInspection.FromMappings(config.PortMappings).ToDictionary(port => port.Key, port => (IReadOnlyList<HostPortInspection>?)port.Value);
        foreach (var (port, protocols) in config.NetworkMode == "host" ? [] : config.ExposedPorts?.AsEnumerable() ?? [])
        {
            foreach (var protocol in protocols)
                ports.TryAdd($"{port}/{protocol}", null);
        }
        var settings = new NetworkSettingsInspection
        {
            Ports = ports,
            SandboxKey = config.CreateNetNs && state.IsAlive ? paths.NetNs : "",
            Networks = attached.Count > 0
                ? attached.ToDictionary(network => network.Key, network => AttachedNetworkInspection.FromAttachment(IdOf(network.Key), network.Value, state.Networks?.GetValueOrDefault(network.Key)))
                : new Dictionary<string, AttachedNetworkInspection> { [config.NetworkMode ?? ""] = new() { NetworkID = config.NetworkMode ?? "" } },
        };
        return attached.Count == 1 && state.Networks?.GetValueOrDefault(DefaultNetwork) is { } only ? (NetworkSettingsInspection)settings.With(only) : settings;

        string IdOf(string name) => networks.FirstOrDefault(network => network.Name == name)?.Id ?? name;
    }
}

/// <summary>A network that a container is on (Podman: InspectAdditionalNetwork).</summary>
internal sealed record AttachedNetworkInspection : AddressInspection
{
    public required string NetworkID { get; init; }
    public IReadOnlyDictionary<string, string>? DriverOpts { get; init; }
    public IReadOnlyDictionary<string, string>? IPAMConfig { get; init; }
    public IReadOnlyList<string>? Links { get; init; }
    public IReadOnlyList<string>? Aliases { get; init; }

    public static AttachedNetworkInspection FromAttachment(string id, NetworkAttachment attachment, NetworkStatus? status)
    {
        var network = new AttachedNetworkInspection { NetworkID = id, Aliases = attachment.Aliases is { Count: > 0 } aliases ? aliases : null };
        return status is null ? network : (AttachedNetworkInspection)network.With(status);
    }
}

/// <summary>Addresses on a network (Podman: InspectBasicNetworkConfig).</summary>
internal abstract record AddressInspection
{
    public string EndpointID { get; init; } = "";
    public string Gateway { get; init; } = "";
    public string IPAddress { get; init; } = "";
    public int IPPrefixLen { get; init; }
    public IReadOnlyList<FurtherAddress>? SecondaryIPAddresses { get; init; }
    public string IPv6Gateway { get; init; } = "";
    public string GlobalIPv6Address { get; init; } = "";
    public int GlobalIPv6PrefixLen { get; init; }
    public IReadOnlyList<FurtherAddress>? SecondaryIPv6Addresses { get; init; }
    public string MacAddress { get; init; } = "";
    public IReadOnlyList<string>? AdditionalMACAddresses { get; init; }

    /// <summary>The first address of each kind, and the others apart.</summary>
    public AddressInspection With(NetworkStatus status)
    {
        var interfaces = (status.Interfaces ?? new Dictionary<string, NetworkInterface>()).OrderBy(device => device.Key, StringComparer.Ordinal).Select(device => device.Value).ToList();
        var addresses = interfaces.SelectMany(device => device.Subnets ?? []).ToList();
        var v4 = addresses.Where(address => !address.IpNet.Contains(':')).ToList();
        var v6 = addresses.Where(address => address.IpNet.Contains(':')).ToList();
        var macs = interfaces.Select(device => device.MacAddress).OfType<string>().ToList();
        return this with
        {
            IPAddress = v4 is [var first, ..] ? FurtherAddress.FromAddress(first).Addr : "",
            IPPrefixLen = v4 is [var second, ..] ? FurtherAddress.FromAddress(second).PrefixLength : 0,
            Gateway = v4 is [{ Gateway: { } gateway }, ..] ? gateway : "",
            SecondaryIPAddresses = v4.Count > 1 ? [.. v4.Skip(1).Select(FurtherAddress.FromAddress)] : null,
            GlobalIPv6Address = v6 is [var third, ..] ? FurtherAddress.FromAddress(third).Addr : "",
            GlobalIPv6PrefixLen = v6 is [var fourth, ..] ? FurtherAddress.FromAddress(fourth).PrefixLength : 0,
            IPv6Gateway = v6 is [{ Gateway: { } gateway6 }, ..] ? gateway6 : "",
            SecondaryIPv6Addresses = v6.Count > 1 ? [.. v6.Skip(1).Select(FurtherAddress.FromAddress)] : null,
            MacAddress = macs is [var mac, ..] ? mac : "",
            AdditionalMACAddresses = macs.Count > 1 ? [.. macs.Skip(1)] : null,
        };
    }
}

/// <summary>An address (Podman: Address).</summary>
internal sealed record FurtherAddress(string Addr, int PrefixLength)
{
    public static FurtherAddress FromAddress(InterfaceAddress address) =>
        address.IpNet.Split('/') is [var ip, var length] ? new FurtherAddress(ip, int.Parse(length, CultureInfo.InvariantCulture)) : new FurtherAddress(address.IpNet, 0);
}

/// <summary>A port of the host (Podman: InspectHostPort).</summary>
internal sealed record HostPortInspection(string HostIp, string HostPort)
{
    /// <summary>By the container's port, such as 80/tcp.</summary>
    public static Dictionary<string, IReadOnlyList<HostPortInspection>> FromMappings(IReadOnlyList<PortMapping>? mappings) => (
        from port in PortCells.Singles(mappings ?? [])
        group new HostPortInspection(port.HostIp, port.HostPort.ToString(CultureInfo.InvariantCulture)) by $"{port.ContainerPort}/{port.Protocol}")
        .ToDictionary(port => port.Key, port => (IReadOnlyList<HostPortInspection>)[.. port]);
}
