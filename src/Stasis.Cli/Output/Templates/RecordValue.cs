using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Stasis.Cli.Output.Templates;

/// <summary>A record: JSON together with the description of its type, which knows the fields that JSON leaves out, and their types.</summary>
internal sealed class RecordValue(JsonElement element, JsonTypeInfo type) : Value
{
    // Where Podman's JSON has another name than its Go, which is what templates use. Both are understood.
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

    /// <summary>The value of a JSON element of a type; a type that isn't known makes maps of objects.</summary>
    public static Value FromJson(JsonElement element, JsonTypeInfo? type) => element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => new BooleanValue(element.GetBoolean()),
        JsonValueKind.String when type?.Type == typeof(DateTimeOffset) || type?.Type == typeof(DateTimeOffset?) => new TimeValue(element.GetDateTimeOffset()),
        JsonValueKind.String => new TextValue(element.GetString()!),
        JsonValueKind.Number => GoLiteral.Number(element.GetRawText()) ?? new TextValue(element.GetRawText()),
        JsonValueKind.Array => new ListValue([.. element.EnumerateArray().Select(item => FromJson(item, ElementOf(type)))]),
        JsonValueKind.Object when type?.Kind == JsonTypeInfoKind.Object => new RecordValue(element, type),
        JsonValueKind.Object => new MapValue(element.EnumerateObject().DistinctBy(property => property.Name).ToDictionary(property => property.Name, property => FromJson(property.Value, ElementOf(type))), Zero(ElementOf(type))),
        _ => Zero(type),
    };

    public override string Type => type.Type.Name;

    public override IEnumerable<string> FieldNames => Known.Select(property => GoNames.GetValueOrDefault(property.Name, property.Name));

    private IEnumerable<JsonPropertyInfo> Known => type.Properties.Where(property => !property.IsExtensionData);

    public override Value? Field(string name)
    {
        if (Known.FirstOrDefault(property => IsCalled(property.Name, name)) is { } property)
            return Get(property);
        // What a record carries along without knowing it is in its JSON.
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

    // Go's fields begin with a capital. JSON in the style of dns_enabled is DNSEnabled there.
    private static bool IsCalled(string json, string name) =>
        json == name || GoNames.GetValueOrDefault(json) == name
        || (char.IsAsciiLetterLower(json[0]) && char.IsAsciiLetterUpper(name[0]) && json.Replace("_", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase));

    private static JsonTypeInfo? ElementOf(JsonTypeInfo? type) => type?.ElementType is { } element ? type.Options.GetTypeInfo(element) : null;

    // What Go has where JSON has nothing.
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
