using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.RuntimeSpec;

/// <summary>Cgroup limits (runtime-spec: resources).</summary>
public sealed record OciResources
{
    /// <summary>Device access rules.</summary>
    [JsonPropertyName("devices")] public JsonElement? Devices { get; init; }
    /// <summary>Memory limits.</summary>
    [JsonPropertyName("memory")] public OciMemory? Memory { get; init; }
    /// <summary>Processor limits.</summary>
    [JsonPropertyName("cpu")] public OciCpu? Cpu { get; init; }
    /// <summary>Task limit.</summary>
    [JsonPropertyName("pids")] public OciPids? Pids { get; init; }
    /// <summary>All other fields, kept unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>Memory limits, in bytes.</summary>
public sealed record OciMemory
{
    /// <summary>Hard limit, in bytes.</summary>
    [JsonPropertyName("limit")] public long? Limit { get; init; }
    /// <summary>Limit of memory and swap together, in bytes.</summary>
    [JsonPropertyName("swap")] public long? Swap { get; init; }
    /// <summary>All other fields, kept unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>Processor limits.</summary>
public sealed record OciCpu
{
    /// <summary>Processor time per <see cref="Period"/>, in microseconds.</summary>
    [JsonPropertyName("quota")] public long? Quota { get; init; }
    /// <summary>Length of a period, in microseconds.</summary>
    [JsonPropertyName("period")] public ulong? Period { get; init; }
    /// <summary>All other fields, kept unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>Task limit.</summary>
public sealed record OciPids
{
    /// <summary>Number of tasks; 0 or less means no limit.</summary>
    [JsonPropertyName("limit")] public long Limit { get; init; }
}

/// <summary>A seccomp filter (runtime-spec: seccomp).</summary>
public sealed record OciSeccomp
{
    /// <summary>SCMP_ACT_….</summary>
    [JsonPropertyName("defaultAction")] public required string DefaultAction { get; init; }
    /// <summary>Error number that the default action returns.</summary>
    [JsonPropertyName("defaultErrnoRet")] public uint? DefaultErrnoRet { get; init; }
    /// <summary>SCMP_ARCH_….</summary>
    [JsonPropertyName("architectures")] public IReadOnlyList<string>? Architectures { get; init; }
    /// <summary>Rules for system calls.</summary>
    [JsonPropertyName("syscalls")] public IReadOnlyList<OciSyscall>? Syscalls { get; init; }
    /// <summary>All other fields, kept unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>One seccomp rule (runtime-spec: syscalls).</summary>
public sealed record OciSyscall
{
    /// <summary>Names of the system calls.</summary>
    [JsonPropertyName("names")] public required IReadOnlyList<string> Names { get; init; }
    /// <summary>SCMP_ACT_….</summary>
    [JsonPropertyName("action")] public required string Action { get; init; }
    /// <summary>Error number that the action returns.</summary>
    [JsonPropertyName("errnoRet")] public uint? ErrnoRet { get; init; }
    /// <summary>Conditions on arguments.</summary>
    [JsonPropertyName("args")] public JsonElement? Args { get; init; }
}
