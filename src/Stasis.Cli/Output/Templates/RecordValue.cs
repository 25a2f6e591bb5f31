using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Stasis.Cli.Output.Templates;

/// <summary>A record: its JSON, and its type, which tells the fields that are left out of the JSON.</summary>
internal sealed class RecordValue(JsonElement element, JsonTypeInfo type) : Value
{
    // Fields whose name in Podman's Go code, which templates use, differs from that in JSON. Both names work.
    private static readonly Dictionary<string, string> GoNames = new()
    {
        ["Id"] = "ID",
        ["Domainname"] = "DomainName",
        ["HealthcheckMaxLogCount"] = "HealthMaxLogCount",
        ["HealthcheckMaxLogSize"] = "HealthMaxLogSize",
        ["Healthcheck"] = "HealthCheck",
        ["HostIp"] = "HostIP",
        ["AdditionalMACAddresses"] = "AdditionalMacAddresses",
    };

    /// <summary>The value of a JSON element. Without a type, objects become maps.</summary>
    public static Value FromJson(JsonElement element, JsonTypeInfo? type) => element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => new BooleanValue(element.GetBoolean()),
        JsonValueKind.String when type?.Type == typeof(DateTimeOffset) || type?.Type == typeof(DateTimeOffset?) =>
            new TimeValue(element.GetDateTimeOffset()),
        JsonValueKind.String => new TextValue(element.GetString()!),
        JsonValueKind.Number => GoLiteral.Number(element.GetRawText()) ?? new TextValue(element.GetRawText()),
        JsonValueKind.Array => new ListValue([.. element.EnumerateArray().Select(item => FromJson(item, ElementOf(type)))]),
        JsonValueKind.Object when type?.Kind == JsonTypeInfoKind.Object => new RecordValue(element, type),
        JsonValueKind.Object =>
            new MapValue(
                element.EnumerateObject()
                    .DistinctBy(property => property.Name)
                    .ToDictionary(property => property.Name, property => FromJson(property.Value, ElementOf(type))),
                Zero(ElementOf(type))),
        _ => Zero(type),
    };

    public override string Type => type.Type.Name;

    public override IEnumerable<string> FieldNames => Known.Select(property => GoNames.GetValueOrDefault(property.Name, property.Name));

    private IEnumerable<JsonPropertyInfo> Known => type.Properties.Where(property => !property.IsExtensionData);

    public override Value? Field(string name)
    {
        if (Known.FirstOrDefault(property => IsCalled(property.Name, name)) is { } property)
            return Get(property);
        // Fields that the type does not know are in the JSON only.
        foreach (var carried in element.EnumerateObject())
        {
            if (IsCalled(carried.Name, name))
                return FromJson(carried.Value, null);
        }
        return null;
    }

    public override void WriteJson(Utf8JsonWriter writer) => element.WriteTo(writer);

    public override string ToString() => $"{{{string.Join(' ', Known.Select(Get))}}}";

    private Value Get(JsonPropertyInfo property) =>
        FromJson(element.TryGetProperty(property.Name, out var value) ? value : default, type.Options.GetTypeInfo(property.PropertyType));

    // Fields in Go begin with a capital: dns_enabled in JSON is DNSEnabled.
    private static bool IsCalled(string json, string name) =>
        json == name || GoNames.GetValueOrDefault(json) == name
        || (char.IsAsciiLetterLower(json[0]) && char.IsAsciiLetterUpper(name[0])
            && json.Replace("_", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase));

    private static JsonTypeInfo? ElementOf(JsonTypeInfo? type) =>
        type?.ElementType is { } element ? type.Options.GetTypeInfo(element) : null;

    // The zero value of Go for a field that is left out of the JSON.
    private static Value Zero(JsonTypeInfo? type) => type switch
    {
        null => NilValue.Nil,
        { Kind: JsonTypeInfoKind.Enumerable } => new ListValue([]),
        { Kind: JsonTypeInfoKind.Dictionary } => new MapValue(new Dictionary<string, Value>(), Zero(ElementOf(type))),
        _ when type.Type == typeof(string) => new TextValue(""),
        _ when type.Type == typeof(bool) => new BooleanValue(false),
        _ when type.Type == typeof(DateTimeOffset) => new TimeValue(default),
        _ when type.Type.IsPrimitive => new IntegerValue(0),
        _ => NilValue.Nil,
    };
}
