using System.Text.Json;

namespace Stasis.Engine.Vetting.Json;

/// <summary>Fields of a spec's parts that are carried as JSON. What isn't of the type that is asked for counts as absent: the archive decides what stands there.</summary>
internal static class SpecJson
{
    /// <summary>A string; null if it is none, or holds half a character, which JSON can write and no text can have.</summary>
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

    /// <summary>A number that is not below zero.</summary>
    public static ulong? Number(JsonElement parent, string name) =>
        Field(parent, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetUInt64(out var number) ? number : null;

    /// <summary>The objects in an array.</summary>
    public static IEnumerable<JsonElement> Objects(JsonElement? array) =>
        array is { ValueKind: JsonValueKind.Array } all ? all.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object) : [];

    private static JsonElement? Field(JsonElement parent, string name) => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : null;
}
