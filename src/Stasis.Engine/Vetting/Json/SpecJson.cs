using System.Text.Json;

namespace Stasis.Engine.Vetting.Json;

/// <summary>
/// Reads fields of those parts of a spec that are kept as JSON. A value of another type than the requested
/// one counts as absent, since the JSON is an archive's.
/// </summary>
internal static class SpecJson
{
    /// <summary>
    /// A field that is a string; null if it isn't one, or contains an unpaired surrogate, which JSON can
    /// express and UTF-8 can't.
    /// </summary>
    public static string? Text(JsonElement parent, string name)
    {
        if (Field(parent, name) is not { ValueKind: JsonValueKind.String } value)
            return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A field that is an integer from 0 on; null if it isn't one.</summary>
    public static ulong? Number(JsonElement parent, string name) =>
        Field(parent, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetUInt64(out var number) ? number : null;

    /// <summary>The objects in an array.</summary>
    public static IEnumerable<JsonElement> Objects(JsonElement? array) =>
        array is { ValueKind: JsonValueKind.Array } all ? all.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object) : [];

    private static JsonElement? Field(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : null;
}
