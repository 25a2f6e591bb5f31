using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Oci;

/// <summary>A line that conmon writes to its sync pipe (api-version 1): a PID or an exit code, or -1 and why not.</summary>
internal sealed record ConmonReport
{
    [JsonPropertyName("data")] public int Data { get; init; }
    [JsonPropertyName("message")] public string? Message { get; init; }
}
