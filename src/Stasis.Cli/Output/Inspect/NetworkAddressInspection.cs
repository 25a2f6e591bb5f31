using Stasis.Engine.Model;

namespace Stasis.Cli.Output.Inspect;

/// <summary>Addresses on a network (Podman: InspectBasicNetworkConfig).</summary>
internal abstract record NetworkAddressInspection
{
    public string EndpointID { get; init; } = "";
    public string Gateway { get; init; } = "";
    public string IPAddress { get; init; } = "";
    public int IPPrefixLen { get; init; }
    public IReadOnlyList<SecondaryAddress>? SecondaryIPAddresses { get; init; }
    public string IPv6Gateway { get; init; } = "";
    public string GlobalIPv6Address { get; init; } = "";
    public int GlobalIPv6PrefixLen { get; init; }
    public IReadOnlyList<SecondaryAddress>? SecondaryIPv6Addresses { get; init; }
    public string MacAddress { get; init; } = "";
    public IReadOnlyList<string>? AdditionalMACAddresses { get; init; }

    /// <summary>Sets the addresses: the first of each kind as the address, the others as secondary addresses.</summary>
    public NetworkAddressInspection With(NetworkStatus status)
    {
        var interfaces = (status.Interfaces ?? new Dictionary<string, NetworkInterface>())
            .OrderBy(device => device.Key, StringComparer.Ordinal)
            .Select(device => device.Value)
            .ToList();
        var addresses = interfaces.SelectMany(device => device.Subnets ?? []).ToList();
        var v4 = addresses.Where(address => !address.IpNet.Contains(':')).ToList();
        var v6 = addresses.Where(address => address.IpNet.Contains(':')).ToList();
        var macs = interfaces.Select(device => device.MacAddress).OfType<string>().ToList();
        return this with
        {
            IPAddress = v4 is [var first, ..] ? SecondaryAddress.FromAddress(first).Addr : "",
            IPPrefixLen = v4 is [var second, ..] ? SecondaryAddress.FromAddress(second).PrefixLength : 0,
            Gateway = v4 is [{ Gateway: { } gateway }, ..] ? gateway : "",
            SecondaryIPAddresses = v4.Count > 1 ? [.. v4.Skip(1).Select(SecondaryAddress.FromAddress)] : null,
            GlobalIPv6Address = v6 is [var third, ..] ? SecondaryAddress.FromAddress(third).Addr : "",
            GlobalIPv6PrefixLen = v6 is [var fourth, ..] ? SecondaryAddress.FromAddress(fourth).PrefixLength : 0,
            IPv6Gateway = v6 is [{ Gateway: { } gateway6 }, ..] ? gateway6 : "",
            SecondaryIPv6Addresses = v6.Count > 1 ? [.. v6.Skip(1).Select(SecondaryAddress.FromAddress)] : null,
            MacAddress = macs is [var mac, ..] ? mac : "",
            AdditionalMACAddresses = macs.Count > 1 ? [.. macs.Skip(1)] : null,
        };
    }
}
