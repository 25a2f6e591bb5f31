using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.Containers.Create;

/// <summary>A seccomp profile file (containers/common pkg/seccomp), JSON.</summary>
internal sealed record SeccompProfile
{
    [JsonPropertyName("defaultAction")] public string? DefaultAction { get; init; }
    [JsonPropertyName("defaultErrnoRet")] public uint? DefaultErrnoRet { get; init; }
    [JsonPropertyName("defaultErrno")] public string? DefaultErrno { get; init; }
    [JsonPropertyName("architectures")] public IReadOnlyList<string>? Architectures { get; init; }
    [JsonPropertyName("archMap")] public IReadOnlyList<SeccompArchitectures>? ArchMap { get; init; }
    [JsonPropertyName("syscalls")] public IReadOnlyList<SeccompProfileRule>? Syscalls { get; init; }
    [JsonPropertyName("flags")] public JsonElement? Flags { get; init; }
}
