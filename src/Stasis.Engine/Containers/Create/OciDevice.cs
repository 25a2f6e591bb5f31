using System.Text.Json.Serialization;

namespace Stasis.Engine.Containers.Create;

/// <summary>A device node that the runtime creates in a container (runtime-spec: config-linux, devices).</summary>
internal sealed record OciDevice
{
    [JsonPropertyName("path")] public required string Path { get; init; }
    [JsonPropertyName("type")] public required string Type { get; init; }
    [JsonPropertyName("major")] public long Major { get; init; }
    [JsonPropertyName("minor")] public long Minor { get; init; }
    [JsonPropertyName("fileMode")] public uint FileMode { get; init; }
    [JsonPropertyName("uid")] public uint Uid { get; init; }
    [JsonPropertyName("gid")] public uint Gid { get; init; }
}
