using System.Buffers.Binary;
using System.Text;
using Stasis.Engine.Criu.Images;

namespace Stasis.UnitTests.Fuzz;

/// <summary>
/// Records of CRIU's images: made up, or with something in them changed. They are of their message's form, so
/// that it is their content that is looked at.
/// </summary>
internal static class ImageRecords
{
    private const int Deepest = 6;

    private static readonly ulong[] Numbers =
    [
        0, 1, 2, 7, 127, 128, 4095, 4096, 65535, 65536, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 47,
        long.MaxValue, 1UL << 63, ulong.MaxValue,
    ];
    private static readonly string[] Texts =
    [
        "", "/", "/a", "/a/../b", "/bin/sh", "pipe:[1]", "cpu", "memory", "/proc", "tmpfs", "x:1", "é",
        new string('a', 5000),
    ];

    /// <summary>Writes a record of that message, with its length before it.</summary>
    public static void Write(MemoryStream image, ImageMessage message, Random random) => WriteFramed(image, Make(message, random, 0));

    /// <summary>An image of records alone, in one of which something is another.</summary>
    public static byte[] Change(byte[] image, ImageKind kind, Random random)
    {
        var head = kind.Name == "inventory" ? 4 : 8;
        var records = new List<byte[]>();
        for (var at = head; at < image.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(at));
            records.Add(image[(at + 4)..(at + 4 + length)]);
            at += 4 + length;
        }
        var message = ImageSchema.Message(kind.Message!);
        var which = random.Next(records.Count);
        switch (random.Next(12))
        {
            case 0 when records.Count > 1:
                records.RemoveAt(which);
                break;
            case 1:
                records.Insert(random.Next(records.Count), records[which]);
                break;
            case 2:
                records.Add(Make(message, random, 0));
                break;
            default:
                records[which] = Change(records[which], message, random);
                break;
        }
        var changed = new MemoryStream();
        changed.Write(image.AsSpan(0, head));
        foreach (var record in records)
            WriteFramed(changed, record);
        return changed.ToArray();
    }

    private static byte[] Change(byte[] record, ImageMessage message, Random random)
    {
        var fields = new List<(ImageField Field, byte[] Bytes, byte[]? Content)>();
        for (var at = 0; at < record.Length;)
        {
            var reader = new WireReader(record.AsSpan(at));
            if (!reader.TryNext() || message.Find(reader.Number) is not { } field)
                return record;
            fields.Add((field, record[at..(at + reader.Position)], field.Kind == ImageFieldKind.Message
                ? record[(at + reader.Start)..(at + reader.Start + reader.Length)]
                : null));
            at += reader.Position;
        }
        if (fields.Count == 0 || random.Next(10) == 0)
        {
            var more = message.Fields[random.Next(message.Fields.Count)];
            fields.Add((more, Field(more, random, 0), null));
        }
        else
        {
            var which = random.Next(fields.Count);
            var (field, bytes, content) = fields[which];
            if (content is not null && random.Next(8) > 0)
                fields[which] = (field, Tagged(field, Change(content, ImageMessage.ForField(field), random)), null);
            else if (random.Next(8) == 0)
                fields.RemoveAt(which);
            else if (random.Next(8) == 0)
                fields.Insert(random.Next(fields.Count), (field, bytes, content));
            else
                fields[which] = (field, Field(field, random, 0), null);
        }
        return [.. fields.SelectMany(field => field.Bytes)];
    }

    private static byte[] Make(ImageMessage message, Random random, int depth)
    {
        var record = new List<byte>();
        foreach (var field in message.Fields)
        {
            var count = field.Count switch
            {
                ImageFieldCount.Required => 1,
                ImageFieldCount.Optional => random.Next(2),
                _ => random.Next(4),
            };
            for (; count > 0 && (depth < Deepest || field.Count == ImageFieldCount.Required); count--)
                record.AddRange(Field(field, random, depth));
        }
        return [.. record];
    }

    private static byte[] Field(ImageField field, Random random, int depth) => field.Kind switch
    {
        ImageFieldKind.Message => Tagged(field, Make(ImageMessage.ForField(field), random, depth + 1)),
        ImageFieldKind.Str => Tagged(field, Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)])),
        ImageFieldKind.Bytes => Tagged(field, new byte[random.Next(20)]),
        ImageFieldKind.F64 => [.. Varint((field.Number << 3) | 1), .. BitConverter.GetBytes(random.NextInt64())],
        _ => [.. Varint(field.Number << 3), .. Varint(Number(field, random))],
    };

    private static ulong Number(ImageField field, Random random)
    {
        var number = random.Next(2) == 0 ? (ulong)random.Next(64) : Numbers[random.Next(Numbers.Length)];
        return field.Holds(number) || random.Next(50) == 0 ? number : number & 1;
    }

    private static byte[] Tagged(ImageField field, byte[] content) =>
        [.. Varint((field.Number << 3) | 2), .. Varint((ulong)content.Length), .. content];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value > 0x7f; value >>= 7)
            yield return (byte)(value | 0x80);
        yield return (byte)value;
    }

    private static void WriteFramed(MemoryStream image, byte[] record)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, record.Length);
        image.Write(length);
        image.Write(record);
    }
}
