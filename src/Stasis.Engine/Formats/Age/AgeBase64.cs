namespace Stasis.Engine.Formats.Age;

/// <summary>Base64 as in age's header: standard alphabet, no padding, and only one way to write each value.</summary>
internal static class AgeBase64
{
    public static string Encode(ReadOnlySpan<byte> data) => Convert.ToBase64String(data).TrimEnd('=');

    /// <summary>Decodes text. Returns null if it isn't in this form.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        var padded = string.Concat(text, "===".AsSpan(0, (4 - (text.Length % 4)) % 4));
        var data = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, data, out var size) && text.SequenceEqual(Encode(data.AsSpan(0, size)))
            ? data[..size]
            : null;
    }
}
