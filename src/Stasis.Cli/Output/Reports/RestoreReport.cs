using System.Text.Json.Serialization;

namespace Stasis.Cli.Output.Reports;

/// <summary>What <c>restore --print-stats</c> prints, with Podman's fields. Times are in microseconds.</summary>
internal sealed record RestoreReport(
    [property: JsonPropertyName("podman_restore_duration")] long Duration,
    [property: JsonPropertyName("container_statistics")] IReadOnlyList<ContainerStatistics> Containers);
