using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Stasis.Engine.Host;

namespace Stasis.Cli.Output;

/// <summary>JSON that commands print.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(CheckpointReport))]
[JsonSerializable(typeof(RestoreReport))]
[JsonSerializable(typeof(List<ContainerRow>))]
[JsonSerializable(typeof(ContainerCells))]
[JsonSerializable(typeof(ContainerInspection))]
[JsonSerializable(typeof(List<ImageRow>))]
[JsonSerializable(typeof(ImageRow))]
[JsonSerializable(typeof(ImageInspection))]
[JsonSerializable(typeof(VolumeInspection))]
[JsonSerializable(typeof(List<VolumeInspection>))]
[JsonSerializable(typeof(Stasis.Engine.Network.NetworkConfig))]
[JsonSerializable(typeof(Dictionary<string, NetworkMember>))]
[JsonSerializable(typeof(VersionReport))]
[JsonSerializable(typeof(HostReport))]
[JsonSerializable(typeof(InfoReport))]
internal sealed partial class CliJson : JsonSerializerContext;

/// <summary>Prints JSON for people and programs: indented, with characters as they are.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, IndentSize = 4, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write<T>(T value, JsonTypeInfo<T> type) => Write(JsonSerializer.SerializeToElement(value, type));

    public static void Write(JsonElement element)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            element.WriteTo(writer);
        buffer.WriteByte((byte)'\n');
        StandardOutput.Write(buffer.ToArray());
    }

    /// <summary>On one line.</summary>
    public static string Compact(JsonElement element)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options with { Indented = false }))
            element.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Prints a value as JSON, if that is the format, or through a template.</summary>
    public static void WriteFormatted<T>(T value, JsonTypeInfo<T> type, string format)
    {
        if (format == "json")
            Write(value, type);
        else
            StandardOutput.Line(Template.Parse(format).Render(JsonSerializer.SerializeToElement(value, type)));
    }

    /// <summary>Prints what <c>inspect</c> found: an array, or a line each through a template.</summary>
    public static void WriteInspections(IReadOnlyList<JsonElement> found, string? format)
    {
        if (format is null or "json")
        {
            using var array = JsonDocument.Parse($"[{string.Join(',', found.Select(Compact))}]");
            Write(array.RootElement);
            return;
        }
        var template = Template.Parse(format);
        foreach (var element in found)
            StandardOutput.Line(template.Render(element));
    }
}
