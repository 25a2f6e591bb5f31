using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Stasis.Engine.Vetting.Json;

/// <summary>Writes JSON so that equal values give equal texts.</summary>
internal static class CanonicalJsonText
{
    private static readonly JsonWriterOptions Compact = new() { Indented = false, Encoder = JavaScriptEncoder.Default };

    /// <summary>The value without white space, with strings in quotes and characters beyond ASCII escaped.</summary>
    public static string Text(JsonElement element)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
            element.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>As <see cref="Text"/>, but a string without quotes and escapes.</summary>
    public static string Bare(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString()! : Text(element);

    /// <summary>Whether a value says nothing: it is null, or an empty array or object.</summary>
    public static bool IsEmpty(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => true,
        JsonValueKind.Array => element.GetArrayLength() == 0,
        JsonValueKind.Object => !element.EnumerateObject().Any(),
        _ => false,
    };
}
