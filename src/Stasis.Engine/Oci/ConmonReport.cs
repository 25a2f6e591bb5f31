using System.Text.Json.Serialization;

namespace Stasis.Engine.Oci;

/// <summary>A line that conmon writes to its sync pipe (api-version 1).</summary>
internal sealed record ConmonReport
{
    /// <summary>A PID, or an exit code; -1 after a failure.</summary>
    [JsonPropertyName("data")] public int Data { get; init; }

    /// <summary>Why it failed, if the runtime said so.</summary>
    [JsonPropertyName("message")] public string? Message { get; init; }
}
