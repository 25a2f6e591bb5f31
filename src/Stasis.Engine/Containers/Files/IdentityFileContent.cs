using System.Text.Json.Serialization;

namespace Stasis.Engine.Containers.Files;

/// <summary>
/// Content of <c>/run/.stasis/identity.json</c> in a container. A program that finds another generation or ID than before is a
/// copy.
/// </summary>
internal sealed record IdentityFileContent
{
    [JsonPropertyName("name")] public required string Name { get; init; }
    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("hostname")] public string? Hostname { get; init; }
    /// <summary>Number of restores up to now, those of the container that this is a copy of included.</summary>
    [JsonPropertyName("generation")] public int Generation { get; init; }
    /// <summary>Number among the copies that were made together, from 1 on.</summary>
    [JsonPropertyName("copy")] public int? Copy { get; init; }
    /// <summary>When the container was started or restored.</summary>
    [JsonPropertyName("time")] public DateTimeOffset Time { get; init; }
    [JsonPropertyName("env")] public required Dictionary<string, string> Env { get; init; }
}
