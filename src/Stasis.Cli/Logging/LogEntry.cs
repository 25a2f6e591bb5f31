using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Stasis.Linux.Processes;

namespace Stasis.Cli.Logging;

/// <summary>One message as a line of text.</summary>
/// <param name="Time">When it was logged.</param>
/// <param name="Level">How important it is.</param>
/// <param name="Category">What it is about.</param>
/// <param name="EventId">Which message of the engine's it is.</param>
/// <param name="Message">The message in words.</param>
/// <param name="Values">The values in it, by name; beside them is the message's template, named {OriginalFormat}.</param>
internal sealed record LogEntry(
    DateTimeOffset Time, LogLevel Level, string Category, int EventId, string Message, IReadOnlyList<KeyValuePair<string, object?>> Values)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    // Control characters stay escaped: what is logged may come out of an archive of somebody else's, and is shown on a terminal.
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As Podman writes it: key=value pairs, values in double quotes where they need them.</summary>
    public static string WriteText(LogEntry entry)
    {
        var time = entry.Time.ToString(TimeFormat, CultureInfo.InvariantCulture);
        var (level, message) = (LogLevels.Word(entry.Level), Quote(entry.Message));
        return $"time=\"{time}\" level={level} category={entry.Category} event={entry.EventId} msg={message}";
    }

    /// <summary>As a JSON object: the same keys, then the message's values under their names.</summary>
    public static string WriteJson(LogEntry entry)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("time", entry.Time.ToString(TimeFormat, CultureInfo.InvariantCulture));
            json.WriteString("level", LogLevels.Word(entry.Level));
            json.WriteString("category", entry.Category);
            json.WriteNumber("event", entry.EventId);
            json.WriteString("msg", entry.Message);
            foreach (var (name, value) in entry.Values)
                if (name != "{OriginalFormat}")
                    WriteValue(json, char.ToLowerInvariant(name[0]) + name[1..], value);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteValue(Utf8JsonWriter json, string name, object? value)
    {
        if (value is int or long)
            json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
        else
            json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\n' => "\\n",
                '\t' => "\\t",
                _ when !TerminalText.IsPrintable(c) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => c.ToString(),
            });
        return quoted.Append('"').ToString();
    }
}
