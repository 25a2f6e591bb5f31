using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Cli.Output.Templates;

namespace Stasis.Cli.Output;

/// <summary>Serializes times as Go does: 2026-01-31T10:20:30.5Z.</summary>
internal sealed class TimeJson : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        new TimeValue(value).WriteJson(writer);
}
