using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>Reports why a verb failed, as runc does: in the log that the engine names and quotes, and on standard error.</summary>
internal static class RuntimeErrors
{
    private const string Error = "error", Warning = "warning";

    /// <summary>Writes one line to each.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="message">What failed, why, and what to do.</param>
    public static void Report(RuntimeCommandLine line, string message)
    {
        var text = Flatten(message);
        StandardStream.Error.Write(Encoding.UTF8.GetBytes($"{RuntimeProgram.Name}: {text}\n"));
        Log(line, Error, text);
    }

    /// <summary>Writes one line to the log: standard error is the container's.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="message">What a person should know.</param>
    public static void Warn(RuntimeCommandLine line, string message) => Log(line, Warning, Flatten(message));

    private static string Flatten(string message) =>
        TerminalText.Escape(string.Join(' ', message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));

    private static void Log(RuntimeCommandLine line, string level, string text)
    {
        if (line.Log is not { Length: > 0 } log)
            return;
        try
        {
            using var file = new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            file.Write(line.LogsJson ? FormatJson(level, text) : FormatText(level, text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return; // it was said on standard error
        }
    }

    // As logrus, runc's logger, writes it: by time, in UTC.
    private static string Now => DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static byte[] FormatJson(string level, string text)
    {
        using var content = new MemoryStream();
        using (var writer = new Utf8JsonWriter(content, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("level", level);
            writer.WriteString("msg", text);
            writer.WriteString("time", Now);
            writer.WriteEndObject();
        }
        content.WriteByte((byte)'\n');
        return content.ToArray();
    }

    private static byte[] FormatText(string level, string text) =>
        Encoding.UTF8.GetBytes($"time=\"{Now}\" level={level} msg=\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"\n");
}
