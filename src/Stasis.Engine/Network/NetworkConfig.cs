using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.Network;

/// <summary>
/// A network that containers are attached to. Its JSON is Podman's and netavark's (libnetwork/types/network.go: Network); addresses are
/// texts, subnets in CIDR form.
/// </summary>
public sealed record NetworkConfig
{
    /// <summary>The name people use.</summary>
    [JsonPropertyName("name")] public required string Name { get; init; }
    /// <summary>64 hexadecimal digits.</summary>
    [JsonPropertyName("id")] public required string Id { get; init; }
    /// <summary>"bridge", "macvlan" or "ipvlan".</summary>
    [JsonPropertyName("driver")] public required string Driver { get; init; }
    /// <summary>The bridge on the host, or the parent of a macvlan or ipvlan.</summary>
    [JsonPropertyName("network_interface")] public string? Interface { get; init; }
    /// <summary>When it was made.</summary>
    [JsonPropertyName("created")] public DateTimeOffset Created { get; init; }
    /// <summary>Where its addresses come from.</summary>
    [JsonPropertyName("subnets")] public IReadOnlyList<NetworkSubnet>? Subnets { get; init; }
    /// <summary>Further routes that its containers get.</summary>
    [JsonPropertyName("routes")] public IReadOnlyList<NetworkRoute>? Routes { get; init; }
    /// <summary>It has an IPv6 subnet.</summary>
    [JsonPropertyName("ipv6_enabled")] public bool IPv6Enabled { get; init; }
    /// <summary>It leads nowhere but to its own containers.</summary>
    [JsonPropertyName("internal")] public bool Internal { get; init; }
    /// <summary>Containers find each other by name (aardvark-dns).</summary>
    [JsonPropertyName("dns_enabled")] public bool DnsEnabled { get; init; }
    /// <summary>Name servers that aardvark-dns asks, in place of the host's.</summary>
    [JsonPropertyName("network_dns_servers")] public IReadOnlyList<string>? DnsServers { get; init; }
    /// <summary>Labels.</summary>
    [JsonPropertyName("labels")] public IReadOnlyDictionary<string, string>? Labels { get; init; }
    /// <summary>Options of the driver: mtu, vlan, isolate, …</summary>
    [JsonPropertyName("options")] public IReadOnlyDictionary<string, string>? Options { get; init; }
    /// <summary>"driver": "host-local" where Stasis gives out addresses.</summary>
    [JsonPropertyName("ipam_options")] public IReadOnlyDictionary<string, string>? IpamOptions { get; init; }
    /// <summary>Everything else that was there, kept unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A range of addresses of a network.</summary>
public sealed record NetworkSubnet
{
    /// <summary>In CIDR form.</summary>
    [JsonPropertyName("subnet")] public required string Subnet { get; init; }
    /// <summary>The bridge's own address, which containers send to.</summary>
    [JsonPropertyName("gateway")] public string? Gateway { get; init; }
    /// <summary>Addresses are given out of this part alone; those that are asked for may lie outside.</summary>
    [JsonPropertyName("lease_range")] public LeaseRange? LeaseRange { get; init; }
}

/// <summary>First and last address to give out.</summary>
public sealed record LeaseRange
{
    /// <summary>First; null for the subnet's.</summary>
    [JsonPropertyName("start_ip")] public string? Start { get; init; }
    /// <summary>Last; null for the subnet's.</summary>
    [JsonPropertyName("end_ip")] public string? End { get; init; }
}

/// <summary>A route of a network's containers.</summary>
public sealed record NetworkRoute
{
    /// <summary>In CIDR form.</summary>
    [JsonPropertyName("destination")] public required string Destination { get; init; }
    /// <summary>Where to send it.</summary>
    [JsonPropertyName("gateway")] public string? Gateway { get; init; }
    /// <summary>The lower, the better.</summary>
    [JsonPropertyName("metric")] public uint? Metric { get; init; }
}
