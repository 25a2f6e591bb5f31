using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Stasis.Cli.Output.Inspect;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Output.Templates;
using Stasis.Engine.Host;
using Stasis.Engine.Network;

namespace Stasis.Cli.Output;

/// <summary>JSON that commands print.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(TimeJson)])]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(CheckpointReport))]
[JsonSerializable(typeof(RestoreReport))]
[JsonSerializable(typeof(List<ContainerRow>))]
[JsonSerializable(typeof(ContainerCells))]
[JsonSerializable(typeof(ContainerInspection))]
[JsonSerializable(typeof(List<ImageRow>))]
[JsonSerializable(typeof(ImageCells))]
[JsonSerializable(typeof(ImageInspection))]
[JsonSerializable(typeof(List<ImageInspection.HistoryPart>))]
[JsonSerializable(typeof(List<VolumeInspection>))]
[JsonSerializable(typeof(VolumeCells))]
[JsonSerializable(typeof(List<NetworkConfig>))]
[JsonSerializable(typeof(NetworkCells))]
[JsonSerializable(typeof(Dictionary<string, NetworkMember>))]
[JsonSerializable(typeof(List<CheckpointInspection>))]
[JsonSerializable(typeof(CheckpointCells))]
[JsonSerializable(typeof(DiffReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(VersionReport))]
[JsonSerializable(typeof(HostReport))]
[JsonSerializable(typeof(InfoReport))]
internal sealed partial class CliJson : JsonSerializerContext;

/// <summary>Prints JSON for people and programs: indented, with characters as they are.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, IndentSize = 4, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write<T>(T value, JsonTypeInfo<T> type) => Write(writer => JsonSerializer.SerializeToElement(value, type).WriteTo(writer));

    /// <summary>An array.</summary>
    public static void Write(IEnumerable<JsonElement> elements) => Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var element in elements)
            element.WriteTo(writer);
        writer.WriteEndArray();
    });

    /// <summary>Prints a value as JSON, if that is the format, or through a template.</summary>
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
        StandardOutput.Write(buffer.ToArray());
    }
}

/// <summary>Times as Go writes them: 2026-01-31T10:20:30.5Z.</summary>
internal sealed class TimeJson : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => new TimeValue(value).WriteJson(writer);
}
