using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.Model;

/// <summary>A named volume's place in a container (libpod: ContainerNamedVolume).</summary>
public sealed record NamedVolume
{
    /// <summary>The volume's name.</summary>
    [JsonPropertyName("volumeName")] public required string Name { get; init; }
    /// <summary>Where it is mounted in the container.</summary>
    [JsonPropertyName("dest")] public required string Destination { get; init; }
    /// <summary>Mount options.</summary>
    [JsonPropertyName("options")] public IReadOnlyList<string>? Options { get; init; }
    /// <summary>It was made for this container alone, under a random name, and goes when the container is removed.</summary>
    [JsonPropertyName("setAnonymous")] public bool? IsAnonymous { get; init; }
    /// <summary>Everything else that Podman wrote, carried unchanged. Names are found in any case, as Podman finds them (encoding/json).</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; } = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
}
