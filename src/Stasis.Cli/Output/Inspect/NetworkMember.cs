using System.Text.Json.Serialization;
using Stasis.Engine.Model;

namespace Stasis.Cli.Output.Inspect;

/// <summary>A running container on a network.</summary>
internal sealed record NetworkMember(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("interfaces")] IReadOnlyDictionary<string, NetworkInterface>? Interfaces);
