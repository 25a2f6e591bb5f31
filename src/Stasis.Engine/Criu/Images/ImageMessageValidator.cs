using System.Globalization;

namespace Stasis.Engine.Criu.Images;

/// <summary>
/// Whether the bytes of a record are what CRIU would have written of its message: every field known, of its type, within its range, at most once unless it is repeated,
/// and none that is required missing. So nothing is left that two readers could read in two ways.
/// </summary>
internal static class ImageMessageValidator
{
    private const int Deepest = 24;

    /// <exception cref="ImageException">They aren't.</exception>
    public static void Require(ReadOnlySpan<byte> data, ImageMessage message, string where)
    {
        // Messages within messages without recursion: an image decides how deep they go.
        Span<(int Start, int End)> open = stackalloc (int, int)[Deepest];
        var messages = new ImageMessage[Deepest];
        Span<ulong> seen = stackalloc ulong[Deepest];
        var depth = 0;
        (open[0], messages[0], seen[0]) = ((0, data.Length), message, 0);
        while (depth >= 0)
        {
            var (start, end) = open[depth];
            var present = messages[depth];
            if (start == end)
            {
                if ((present.Required & ~seen[depth]) is var missing and not 0)
                    throw new ImageException(where, present.Fields[(int)ulong.TrailingZeroCount(missing)].Name, $"{present.Name} lacks a field that it must have");
                depth--;
                continue;
            }
            var reader = new WireReader(data[start..end]);
            if (!reader.TryNext())
                throw new ImageException(where, Text((ulong)start), $"{present.Name} is not protobuf, or cut off");
            var field = Known(reader, present, where);
            var bit = 1UL << field.Index;
            if (field.Count != ImageFieldCount.Repeated && (seen[depth] & bit) != 0)
                throw new ImageException(where, field.Name, $"{present.Name} has a field twice that it may have once");
            seen[depth] |= bit;
            open[depth].Start = start + reader.Position;
            var content = data.Slice(start + reader.Start, reader.Length);
            if (field.Kind == ImageFieldKind.Str && content.Contains((byte)0))
                throw new ImageException(where, field.Name, $"{present.Name} has a string with a zero byte in it");
            if (field.Kind != ImageFieldKind.Message)
                continue;
            if (++depth == Deepest)
                throw new ImageException(where, field.Name, "messages within messages are too deep");
            (open[depth], messages[depth], seen[depth]) = ((start + reader.Start, start + reader.Start + reader.Length), ImageMessage.ForField(field), 0);
        }
    }

    private static ImageField Known(WireReader reader, ImageMessage message, string where)
    {
        if (message.Find(reader.Number) is not { } field)
            throw new ImageException(where, Text(reader.Number), $"{message.Name} has a field that no CRIU known to Stasis writes") { UnknownField = true };
        if (reader.WireType != field.WireType)
            throw new ImageException(where, field.Name, $"{message.Name} has a field of another type than CRIU writes");
        return field.WireType == 0 && !field.Holds(reader.Value)
            ? throw new ImageException(where, $"{field.Name}={Text(reader.Value)}", $"{message.Name} has a number that its field can't hold")
            : field;
    }

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
