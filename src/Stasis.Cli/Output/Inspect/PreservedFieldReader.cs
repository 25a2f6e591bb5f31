using System.Text.Json;

namespace Stasis.Cli.Output.Inspect;

/// <summary>Reads fields of a container's config or spec that Stasis does not know, but keeps.</summary>
internal static class PreservedFieldReader
{
    public static string Text(IDictionary<string, JsonElement>? unknown, string name) =>
        Find(unknown, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    public static long Number(IDictionary<string, JsonElement>? unknown, string name) => NumberOrNull(unknown, name) ?? 0;

    public static long? NumberOrNull(IDictionary<string, JsonElement>? unknown, string name) =>
        Find(unknown, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : null;

    public static bool Flag(IDictionary<string, JsonElement>? unknown, string name) =>
        Find(unknown, name) is { ValueKind: JsonValueKind.True };

    public static IReadOnlyList<string> Texts(IDictionary<string, JsonElement>? unknown, string name) =>
        Find(unknown, name) is { ValueKind: JsonValueKind.Array } texts ? [.. texts.EnumerateArray().Select(text => text.ToString())] : [];

    public static JsonElement? Find(IDictionary<string, JsonElement>? unknown, string name) =>
        unknown is not null && unknown.TryGetValue(name, out var element) && element.ValueKind != JsonValueKind.Null ? element : null;
}
