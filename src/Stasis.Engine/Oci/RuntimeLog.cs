using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.Oci;

/// <summary>
/// The errors that a runtime logged during one call. All calls on a container share the log, which only grows: the part that was
/// added since a call began belongs to that call. So calls that overlap can't remove each other's errors.
/// </summary>
internal sealed class RuntimeLog
{
    private readonly long _start;

    private RuntimeLog(string path, long start) => (Path, _start) = (path, start);

    /// <summary>The log's path.</summary>
    public string Path { get; }

    /// <summary>Opens a log at its end, before a call. The file needn't exist.</summary>
    public static RuntimeLog OpenAtEnd(string path) => new(path, File.Exists(path) ? new FileInfo(path).Length : 0);

    /// <summary>
    /// Reads the errors of the call (runc and crun with --log-format json: a JSON object per line), outermost last; null if there
    /// are none.
    /// </summary>
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
            return null; // not the runtime's: CRIU and libseccomp write into this log too
        }
    }
}

/// <summary>A line of a runtime's log (runc and crun, JSON).</summary>
internal sealed record RuntimeLogEntry
{
    [JsonPropertyName("level")] public string? Level { get; init; }
    [JsonPropertyName("msg")] public string? Message { get; init; }
}
