using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stasis.Engine.ExternalEngines;

/// <summary>Logs of other engines, as Stasis keeps them: "TIME STREAM TAG TEXT" (conmon: src/ctr_logging.c).</summary>
internal static class ExternalLog
{
    /// <summary>Copies a container's log; nothing if it has none in a file.</summary>
    public static void Copy(ExternalContainer found, string path)
    {
        if (found.Log is { } log && File.Exists(log))
            File.Copy(log, path);
        else if (found.JsonLog is { } json && File.Exists(json))
            Convert(json, path);
    }

    // A line that Docker is just writing isn't whole.
    private static void Convert(string json, string path)
    {
        using var written = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        foreach (var line in File.ReadLines(json))
        {
            if (TryConvert(line) is { } record)
                written.Write(record);
        }
    }

    // conmon writes nine digits, and Podman reads no fewer; Docker leaves out zeros at the end.
    private static string FormatTime(string time)
    {
        if (!time.EndsWith('Z'))
            return time;
        var (seconds, fraction) = time[..^1].Split('.') is [var whole, var part] ? (whole, part) : (time[..^1], "");
        return $"{seconds}.{fraction.PadRight(9, '0')}Z";
    }

    /// <summary>
    /// Converts a line of Docker's json-file driver (moby: daemon/logger/jsonfilelog); null if it is none. Its text ends with a line end,
    /// unless it is a part of a long line.
    /// </summary>
    internal static string? TryConvert(string line)
    {
        try
        {
            if (JsonNode.Parse(line) is not { } record || record["log"]?.GetValue<string>() is not { } text)
                return null;
            var tag = text.EndsWith('\n') ? 'F' : 'P';
            var time = FormatTime(record["time"]?.GetValue<string>() ?? "");
            return $"{time} {record["stream"]?.GetValue<string>()} {tag} {text.TrimEnd('\n')}\n";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
