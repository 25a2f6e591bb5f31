using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Stasis.Engine.Vetting.Json;

/// <summary>JSON as text that is always the same for the same value.</summary>
internal static class CanonicalJson
{
    private static readonly JsonWriterOptions Compact = new() { Indented = false, Encoder = JavaScriptEncoder.Default };

    /// <summary>Without white space; strings in quotes, what isn't ASCII escaped.</summary>
    public static string Text(JsonElement element)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
            element.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>The same, but a string as it is.</summary>
    public static string Bare(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString()! : Text(element);

    /// <summary>Whether it says nothing: null, or an empty array or object.</summary>
    public static bool IsEmpty(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => true,
        JsonValueKind.Array => element.GetArrayLength() == 0,
        JsonValueKind.Object => !element.EnumerateObject().Any(),
        _ => false,
    };
}
