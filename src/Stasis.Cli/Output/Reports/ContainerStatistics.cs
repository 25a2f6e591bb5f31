using System.Text.Json.Serialization;
using Stasis.Engine.Checkpoints;

namespace Stasis.Cli.Output.Reports;

/// <summary>One container in a <see cref="CheckpointReport"/> or <see cref="RestoreReport"/>. Durations are in microseconds.</summary>
internal sealed record ContainerStatistics
{
    public required string Id { get; init; }
    [JsonPropertyName("runtime_checkpoint_duration")] public long? CheckpointDuration { get; init; }
    [JsonPropertyName("runtime_restore_duration")] public long? RestoreDuration { get; init; }
    /// <summary>Only in Stasis: how long vetting an archive took; null for other restores.</summary>
    [JsonPropertyName("vetting_duration"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? VettingDuration { get; init; }
    [JsonPropertyName("criu_statistics")] public CriuStatistics? Statistics { get; init; }

    public static ContainerStatistics FromResult(CheckpointResult result) => new()
    {
        Id = result.Container.Id,
        CheckpointDuration = (long)result.RuntimeDuration.TotalMicroseconds,
        Statistics = result.Statistics is not { } dump ? null : new CriuStatistics
        {
            FreezingTime = dump.FreezingTime,
            FrozenTime = dump.FrozenTime,
            MemdumpTime = dump.MemdumpTime,
            MemwriteTime = dump.MemwriteTime,
            PagesScanned = dump.PagesScanned,
            PagesWritten = dump.PagesWritten,
        },
    };

    public static ContainerStatistics FromResult(RestoreResult result) => new()
    {
        Id = result.Container.Id,
        RestoreDuration = (long)result.RuntimeDuration.TotalMicroseconds,
        VettingDuration = (long?)result.VettingDuration?.TotalMicroseconds,
        Statistics = result.Statistics is not { } restore ? null : new CriuStatistics
        {
            PagesCompared = restore.PagesCompared,
            PagesSkippedCow = restore.PagesSkippedCow,
            ForkingTime = restore.ForkingTime,
            RestoreTime = restore.RestoreTime,
            PagesRestored = restore.PagesRestored,
        },
    };
}
