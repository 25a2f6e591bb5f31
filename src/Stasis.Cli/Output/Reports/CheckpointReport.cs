using System.Text.Json.Serialization;

namespace Stasis.Cli.Output.Reports;

/// <summary>What <c>checkpoint --print-stats</c> prints, with Podman's fields. Times are in microseconds.</summary>
internal sealed record CheckpointReport(
    [property: JsonPropertyName("podman_checkpoint_duration")] long Duration,
    [property: JsonPropertyName("container_statistics")] IReadOnlyList<ContainerStatistics> Containers);
