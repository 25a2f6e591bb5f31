using System.Text.Json.Serialization;
using Stasis.Engine.Checkpoints.Preflight;

namespace Stasis.Cli.Output.Reports;

/// <summary>A finding of <c>checkpoint --dry-run</c> in JSON. <c>severity</c> is refused, needs-option or note.</summary>
internal sealed record PreflightRow
{
    [JsonPropertyName("container")] public required string Container { get; init; }
    [JsonPropertyName("severity")] public required string Severity { get; init; }
    [JsonPropertyName("kind")] public required string Kind { get; init; }
    [JsonPropertyName("pid")] public int? Pid { get; init; }
    [JsonPropertyName("process")] public string? Process { get; init; }
    [JsonPropertyName("descriptor")] public int? Descriptor { get; init; }
    [JsonPropertyName("path")] public string? Path { get; init; }
    [JsonPropertyName("message")] public required string Message { get; init; }
    [JsonPropertyName("remedy")] public string? Remedy { get; init; }
    [JsonPropertyName("option")] public string? Option { get; init; }

    public static PreflightRow FromFinding(string container, PreflightFinding finding) => new()
    {
        Container = container,
        Severity = PreflightReport.Word(finding.Severity),
        Kind = finding.Kind,
        Pid = finding.Pid,
        Process = finding.Process,
        Descriptor = finding.Descriptor,
        Path = finding.Path,
        Message = finding.Message,
        Remedy = finding.Remedy,
        Option = finding.Option,
    };
}
