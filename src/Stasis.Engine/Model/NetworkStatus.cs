using System.Text.Json.Serialization;

namespace Stasis.Engine.Model;

/// <summary>
/// What a container has on one network while it runs (libnetwork/types/network.go: StatusBlock). By network name, this
/// is network.status in archives.
/// </summary>
public sealed record NetworkStatus
{
    /// <summary>By the interface's name in the container.</summary>
    [JsonPropertyName("interfaces")] public IReadOnlyDictionary<string, NetworkInterface>? Interfaces { get; init; }
    /// <summary>Name servers to use.</summary>
    [JsonPropertyName("dns_server_ips")] public IReadOnlyList<string>? DnsServers { get; init; }
    /// <summary>Domains to search.</summary>
    [JsonPropertyName("dns_search_domains")] public IReadOnlyList<string>? DnsSearch { get; init; }

    /// <summary>All addresses, without the prefix's length.</summary>
    [JsonIgnore]
    public IEnumerable<string> Addresses =>
        (Interfaces?.Values ?? []).SelectMany(device => device.Subnets ?? []).Select(subnet => subnet.IpNet.Split('/')[0]);
}

/// <summary>An interface of a container.</summary>
public sealed record NetworkInterface
{
    /// <summary>Its addresses.</summary>
    [JsonPropertyName("subnets")] public IReadOnlyList<InterfaceAddress>? Subnets { get; init; }
    /// <summary>Its MAC address.</summary>
    [JsonPropertyName("mac_address")] public string? MacAddress { get; init; }
}

/// <summary>An address of a container.</summary>
public sealed record InterfaceAddress
{
    /// <summary>Address and length of the prefix, e.g. 10.88.0.5/16.</summary>
    [JsonPropertyName("ipnet")] public required string IpNet { get; init; }
    /// <summary>Where to send what isn't for the subnet; null on an internal network.</summary>
    [JsonPropertyName("gateway")] public string? Gateway { get; init; }
}
