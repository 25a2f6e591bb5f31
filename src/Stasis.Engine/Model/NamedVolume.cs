using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.Model;

/// <summary>A named volume of a container, and where it is mounted (libpod: ContainerNamedVolume).</summary>
public sealed record NamedVolume
{
    /// <summary>The volume's name.</summary>
    [JsonPropertyName("volumeName")] public required string Name { get; init; }
    /// <summary>Mount point in the container.</summary>
    [JsonPropertyName("dest")] public required string Destination { get; init; }
    /// <summary>Mount options.</summary>
    [JsonPropertyName("options")] public IReadOnlyList<string>? Options { get; init; }
    /// <summary>The volume was created only for this container, with a random name, and is removed with it.</summary>
    [JsonPropertyName("setAnonymous")] public bool? IsAnonymous { get; init; }
    /// <summary>All other fields that Podman wrote, kept unchanged. Lookups ignore case, as in Podman (encoding/json).</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; } = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
}
