using System.Globalization;

namespace Stasis.Engine.Criu.Images;

/// <summary>
/// The messages of the images (CRIU 4.2) that a container's checkpoint can have, as a table. A line is a message: its name, then
/// each field as NAME, "!" (required), "?" (optional) or "*" (repeated), TYPE, "=", NUMBER; an indented line continues the one
/// before. Classes generated from the .proto files would be code for each message, and would accept unknown fields silently. A
/// line is parsed when its message is first used.
/// </summary>
internal static partial class ImageSchema
{
    private static readonly Lazy<Dictionary<string, string>> Lines = new(Split);
    private static readonly Dictionary<string, ImageMessage> Known = [];

    /// <summary>The message with a name.</summary>
    public static ImageMessage Message(string name)
    {
        lock (Known)
        {
            if (!Known.TryGetValue(name, out var message))
                Known.Add(name, message = Parse(name, Lines.Value[name]));
            return message;
        }
    }

    /// <summary>Names of all messages.</summary>
    internal static IEnumerable<string> Names => Lines.Value.Keys;

    private static Dictionary<string, string> Split()
    {
        var lines = new Dictionary<string, string>(128);
        var name = "";
        foreach (var text in (string[])[Tasks, Memory, Files, Sockets, Namespaces, Statistics])
        {
            foreach (var line in text.Split('\n'))
            {
                if (line.StartsWith(' '))
                {
                    lines[name] += line[1..];
                    continue;
                }
                var end = line.IndexOf(' ', StringComparison.Ordinal);
                name = line[..end];
                lines.Add(name, line[(end + 1)..]);
            }
        }
        return lines;
    }

    private static ImageMessage Parse(string name, string line)
    {
        var fields = new List<ImageField>();
        foreach (var part in line.AsSpan().Split(' '))
        {
            var word = line.AsSpan()[part];
            var (mark, equals) = (word.IndexOfAny('!', '?', '*'), word.LastIndexOf('='));
            var count = word[mark] switch
            {
                '!' => ImageFieldCount.Required,
                '?' => ImageFieldCount.Optional,
                _ => ImageFieldCount.Repeated,
            };
            var type = word[(mark + 1)..equals];
            var kind = KindOf(type);
            var number = uint.Parse(word[(equals + 1)..], CultureInfo.InvariantCulture);
            var inner = kind == ImageFieldKind.Message ? type.ToString() : null;
            fields.Add(new ImageField(fields.Count, word[..mark].ToString(), number, kind, count, inner));
        }
        return new ImageMessage(name, fields);
    }

    private static ImageFieldKind KindOf(ReadOnlySpan<char> type) => type switch
    {
        "u32" => ImageFieldKind.U32,
        "u64" => ImageFieldKind.U64,
        "i32" => ImageFieldKind.I32,
        "i64" => ImageFieldKind.I64,
        "s32" => ImageFieldKind.S32,
        "s64" => ImageFieldKind.S64,
        "bool" => ImageFieldKind.Bool,
        "enum" => ImageFieldKind.Enum,
        "f64" => ImageFieldKind.F64,
        "str" => ImageFieldKind.Str,
        "bytes" => ImageFieldKind.Bytes,
        _ => ImageFieldKind.Message,
    };
}
