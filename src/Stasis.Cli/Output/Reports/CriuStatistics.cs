using System.Text.Json.Serialization;

namespace Stasis.Cli.Output.Reports;

/// <summary>
/// Statistics of CRIU (Podman: CRIUCheckpointRestoreStatistics). Times are in microseconds. Zeros are not printed.
/// </summary>
internal sealed record CriuStatistics
{
    [JsonPropertyName("freezing_time"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint FreezingTime { get; init; }
    [JsonPropertyName("frozen_time"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public uint FrozenTime { get; init; }
    [JsonPropertyName("memdump_time"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint MemdumpTime { get; init; }
    [JsonPropertyName("memwrite_time"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint MemwriteTime { get; init; }
    [JsonPropertyName("pages_scanned"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong PagesScanned { get; init; }
    [JsonPropertyName("pages_written"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong PagesWritten { get; init; }
    [JsonPropertyName("pages_compared"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong PagesCompared { get; init; }
    [JsonPropertyName("pages_skipped_cow"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong PagesSkippedCow { get; init; }
    [JsonPropertyName("forking_time"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint ForkingTime { get; init; }
    [JsonPropertyName("restore_time"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint RestoreTime { get; init; }
    [JsonPropertyName("pages_restored"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong PagesRestored { get; init; }
}
