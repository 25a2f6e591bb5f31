using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Engine.Common;

namespace Stasis.Engine.Oci;

/// <summary>
/// What a runtime logged during one call. The log is shared by all calls on a container and only ever grows, so a call is what was added since
/// it began: then calls that overlap can't take each other's words away.
/// </summary>
internal sealed class RuntimeLog
{
    private readonly long _start;

    private RuntimeLog(string path, long start) => (Path, _start) = (path, start);

    public string Path { get; }

    public static RuntimeLog OpenAtEnd(string path) => new(path, File.Exists(path) ? new FileInfo(path).Length : 0);

    /// <summary>The errors that were logged (runc and crun with --log-format json: a JSON object per line), outermost last; null if there are none.</summary>
    public string? ReadErrors()
    {
        if (!File.Exists(Path))
            return null;
        using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(_start, SeekOrigin.Begin);
        using var reader = new StreamReader(stream);
        var errors = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            if (Parse(line) is { Level: "error" or "fatal", Message: { } message })
                errors.Add(message.Trim());
        }
        return errors.Count == 0 ? null : string.Join("; ", errors.Distinct());
    }

    private static RuntimeLogEntry? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, EngineJson.Default.RuntimeLogEntry);
        }
        catch (JsonException)
        {
            return null; // a line of another program that got hold of the log: CRIU's and libseccomp's go there too
        }
    }
}

/// <summary>A line of a runtime's log.</summary>
internal sealed record RuntimeLogEntry
{
    [JsonPropertyName("level")] public string? Level { get; init; }
    [JsonPropertyName("msg")] public string? Message { get; init; }
}
