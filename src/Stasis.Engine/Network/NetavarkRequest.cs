using System.Text.Json.Serialization;
using Stasis.Engine.Model;

namespace Stasis.Engine.Network;

/// <summary>
/// What netavark is told to set up or take down (netavark src/network/types.rs: NetworkOptions). As a file, it is also
/// the record of what a container has taken: its addresses and its ports.
/// </summary>
internal sealed record NetavarkRequest
{
    [JsonPropertyName("container_id")] public required string ContainerId { get; init; }
    [JsonPropertyName("container_name")] public required string ContainerName { get; init; }
    [JsonPropertyName("container_hostname")] public string? Hostname { get; init; }
    [JsonPropertyName("networks")] public required IReadOnlyDictionary<string, NetworkAttachment> Networks { get; init; }
    [JsonPropertyName("network_info")] public required IReadOnlyDictionary<string, NetworkConfig> Definitions { get; init; }
    [JsonPropertyName("port_mappings")] public IReadOnlyList<PortMapping>? PortMappings { get; init; }
    [JsonPropertyName("dns_servers")] public IReadOnlyList<string>? DnsServers { get; init; }

    [JsonIgnore] public IReadOnlyList<PortMapping> Ports => PortMappings ?? [];

    /// <summary>What it has taken of a network.</summary>
    public IEnumerable<string> AddressesIn(string network) =>
        Networks.TryGetValue(network, out var attachment) ? attachment.StaticIps ?? [] : [];
}
