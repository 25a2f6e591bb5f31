using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.Model;

/// <summary>How a container is attached to one network (libnetwork/types/network.go: PerNetworkOptions).</summary>
public sealed record NetworkAttachment
{
    /// <summary>Addresses asked for; null or empty for any free ones.</summary>
    [JsonPropertyName("static_ips")] public IReadOnlyList<string>? StaticIps { get; init; }
    /// <summary>Further names under which the network's other containers find it.</summary>
    [JsonPropertyName("aliases")] public IReadOnlyList<string>? Aliases { get; init; }
    /// <summary>MAC address asked for; null for any.</summary>
    [JsonPropertyName("static_mac")] public string? StaticMac { get; init; }
    // Generated readers of JSON set what isn't there to null.
    /// <summary>The interface's name in the container; empty for the next eth.</summary>
    [JsonPropertyName("interface_name")] public string InterfaceName { get; init => field = value ?? ""; } = "";
    /// <summary>Options of the driver.</summary>
    [JsonPropertyName("options")] public IReadOnlyDictionary<string, string>? Options { get; init; }
    /// <summary>Everything else that Podman wrote, carried unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
}
