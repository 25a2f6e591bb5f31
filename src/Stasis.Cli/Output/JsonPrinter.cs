using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Stasis.Cli.Output.Templates;

namespace Stasis.Cli.Output;

/// <summary>Prints JSON: indented, and without escapes where JSON needs none.</summary>
internal static class JsonPrinter
{
    private static readonly JsonWriterOptions Options =
        new() { Indented = true, IndentSize = 4, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write<T>(T value, JsonTypeInfo<T> type) =>
        Write(writer => JsonSerializer.SerializeToElement(value, type).WriteTo(writer));

    /// <summary>Prints an array.</summary>
    public static void Write(IEnumerable<JsonElement> elements) => Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var element in elements)
            element.WriteTo(writer);
        writer.WriteEndArray();
    });

    /// <summary>Prints a value in the format that <c>--format</c> gives: as JSON, or through a template.</summary>
    /// <exception cref="TemplateException">The template is wrong; nothing was printed.</exception>
    public static void WriteFormatted<T>(string command, T value, JsonTypeInfo<T> type, string format)
    {
        if (Template.IsJson(format))
            Write(value, type);
        else
            StandardOutput.Text(Template.Parse(command, format).Render(value, type));
    }

    private static void Write(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            write(writer);
        buffer.WriteByte((byte)'\n');
        if (StandardOutput.IsTerminal)
            StandardOutput.Text(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length)); // an escape is JSON's own
        else
            StandardOutput.Write(buffer.ToArray());
    }
}
