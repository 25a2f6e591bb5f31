using System.Globalization;
using System.Runtime.CompilerServices;

namespace Stasis.Engine.Criu.Images;

/// <summary>
/// Checks that a record has the bytes that CRIU would have written for its message: every field is known, has its type and range, occurs at
/// most once unless it is repeated, and no required field is missing. So two readers can't read the record in different ways.
/// </summary>
internal static class ImageMessageValidator
{
    private const int MaxDepth = 24;

    /// <summary>Checks a record.</summary>
    /// <param name="data">The record's bytes.</param>
    /// <param name="message">The message that they must be.</param>
    /// <param name="file">The file's name in messages.</param>
    /// <param name="index">The record's place in the file, from 0.</param>
    /// <param name="skipsUnknownFields">Whether fields that the message doesn't have are skipped. Otherwise they are an error.</param>
    /// <exception cref="ImageException">The bytes are not that message.</exception>
    public static void Require(ReadOnlySpan<byte> data, ImageMessage message, string file, int index, bool skipsUnknownFields)
    {
        // Nested messages without recursion: the image decides how deep they are nested.
        Span<(int Start, int End)> open = stackalloc (int, int)[MaxDepth];
        var messages = new MessageStack();
        Span<ulong> seen = stackalloc ulong[MaxDepth];
        var depth = 0;
        (open[0], messages[0], seen[0]) = ((0, data.Length), message, 0);
        while (depth >= 0)
        {
            var (start, end) = open[depth];
            var present = messages[depth];
            if (start == end)
            {
                if ((present.Required & ~seen[depth]) is var missing and not 0)
                {
                    var first = present.Fields[(int)ulong.TrailingZeroCount(missing)];
                    throw Wrong(first.Name, $"{present.Name} lacks a field that it must have");
                }
                depth--;
                continue;
            }
            var reader = new WireReader(data[start..end]);
            if (!reader.TryNext())
                throw Wrong(Text((ulong)start), $"{present.Name} is not protobuf, or cut off");
            open[depth].Start = start + reader.Position;
            if (present.Find(reader.Number) is not { } field)
            {
                if (skipsUnknownFields)
                    continue;
                var why = $"{present.Name} has a field that no CRIU known to Stasis writes";
                throw new ImageException(Place(file, index), Text(reader.Number), why) { UnknownField = true };
            }
            if (reader.WireType != field.WireType)
                throw Wrong(field.Name, $"{present.Name} has a field of another type than CRIU writes");
            if (field.WireType == 0 && !field.Holds(reader.Value))
                throw Wrong($"{field.Name}={Text(reader.Value)}", $"{present.Name} has a number that its field can't hold");
            var bit = 1UL << field.Index;
            if (field.Count != ImageFieldCount.Repeated && (seen[depth] & bit) != 0)
                throw Wrong(field.Name, $"{present.Name} has a field twice that it may have once");
            seen[depth] |= bit;
            var content = data.Slice(start + reader.Start, reader.Length);
            if (field.Kind == ImageFieldKind.Str && content.Contains((byte)0))
                throw Wrong(field.Name, $"{present.Name} has a string with a zero byte in it");
            if (field.Kind != ImageFieldKind.Message)
                continue;
            if (++depth == MaxDepth)
                throw Wrong(field.Name, "messages within messages are too deep");
            var contentStart = start + reader.Start;
            (open[depth], messages[depth], seen[depth]) = ((contentStart, contentStart + reader.Length), ImageMessage.ForField(field), 0);
        }

        ImageException Wrong(string value, string why) => new(Place(file, index), value, why);
    }

    private static string Place(string file, int index) => string.Create(CultureInfo.InvariantCulture, $"{file}[{index}]");

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    [InlineArray(MaxDepth)]
    private struct MessageStack
    {
        private ImageMessage _first;
    }
}
