using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.Containers.Files;

/// <summary>What <c>/run/.stasis/identity.json</c> in a container says. A program that finds another generation or ID than it knew is a copy.</summary>
internal sealed record CopyIdentity
{
    [JsonPropertyName("name")] public required string Name { get; init; }
    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("hostname")] public string? Hostname { get; init; }
    /// <summary>How often it, or what it is a copy of, was restored.</summary>
    [JsonPropertyName("generation")] public int Generation { get; init; }
    /// <summary>Which of the copies that were made together it is, from 1 on.</summary>
    [JsonPropertyName("copy")] public int? Copy { get; init; }
    /// <summary>When it was started or restored.</summary>
    [JsonPropertyName("time")] public DateTimeOffset Time { get; init; }
    [JsonPropertyName("env")] public required Dictionary<string, string> Env { get; init; }
}
