using System.Text;

namespace Stasis.Engine.Criu.Images;

/// <summary>
/// A view on the bytes of a record that was checked. Fields are found by scanning the bytes, so that a hostile image takes no
/// more memory than its own size.
/// </summary>
internal readonly record struct ImageRecord(ReadOnlyMemory<byte> Data, ImageMessage Message)
{
    /// <summary>The record's fields, one after another.</summary>
    public WireReader Fields() => new(Data.Span);

    /// <summary>The record with another string in a field. All other fields stay as they are, unknown ones too.</summary>
    public ImageRecord With(string name, string text) => With(name, (writer, field) => writer.Text(field, text));

    /// <summary>The record with another number in a field. All other fields stay as they are, unknown ones too.</summary>
    public ImageRecord With(string name, ulong number) => With(name, (writer, field) => writer.Number(field, number));

    /// <summary>The record with another message in a field. All other fields stay as they are, unknown ones too.</summary>
    public ImageRecord With(string name, ImageRecord record) => With(name, (writer, field) => writer.Content(field, record.Data.Span));

    /// <summary>The record with other bytes in a field. All other fields stay as they are, unknown ones too.</summary>
    public ImageRecord With(string name, ReadOnlyMemory<byte> bytes) => With(name, (writer, field) => writer.Content(field, bytes.Span));

    /// <summary>The record with other numbers in a repeated field. All other fields stay as they are, unknown ones too.</summary>
    public ImageRecord WithNumbers(string name, IReadOnlyList<ulong> numbers) => With(name, (writer, field) =>
    {
        foreach (var number in numbers)
            writer.Number(field, number);
    });

    /// <summary>The record with other messages in a repeated field. All other fields stay as they are, unknown ones too.</summary>
    public ImageRecord WithChildren(string name, IReadOnlyList<ImageRecord> children) => With(name, (writer, field) =>
    {
        foreach (var child in children)
            writer.Content(field, child.Data.Span);
    });

    /// <summary>The record without a field. All other fields stay as they are, unknown ones too.</summary>
    public ImageRecord Without(string name) => Has(name) ? With(name, (_, _) => { }) : this;

    // The field is written where it was first, or added.
    private ImageRecord With(string name, Action<WireWriter, ImageField> write)
    {
        var (field, writer) = (Message[name], new WireWriter());
        var reader = Fields();
        var isWritten = false;
        for (var start = 0; !reader.AtEnd && reader.TryNext(); start = reader.Position)
        {
            if (reader.Number != field.Number)
                writer.Raw(Data.Span[start..reader.Position]);
            else if (!isWritten)
                write(writer, field);
            isWritten |= reader.Number == field.Number;
        }
        if (!isWritten)
            write(writer, field);
        return this with { Data = writer.Bytes };
    }

    /// <summary>Whether the record has the field.</summary>
    public bool Has(string name) => TryFind(name, out _);

    /// <summary>A number; 0 if the field is missing.</summary>
    public ulong Number(string name)
    {
        TryFind(name, out var reader);
        return reader.Value;
    }

    /// <summary>A number of 32 bits; 0 if the field is missing.</summary>
    public uint U32(string name) => (uint)Number(name);

    /// <summary>A signed number (int32, int64); 0 if the field is missing.</summary>
    public long Signed(string name) => (long)Number(name);

    /// <summary>A number in protobuf's zigzag form (sint32, sint64); <paramref name="absent"/> if the field is missing.</summary>
    public long ZigZag(string name, long absent) =>
        TryFind(name, out var reader) ? (long)(reader.Value >> 1) ^ -(long)(reader.Value & 1) : absent;

    /// <summary>A string; empty if the field is missing. Bytes that aren't UTF-8 become U+FFFD.</summary>
    public string Text(string name) => Encoding.UTF8.GetString(Bytes(name).Span);

    /// <summary>Bytes; none if the field is missing.</summary>
    public ReadOnlyMemory<byte> Bytes(string name) =>
        TryFind(name, out var reader) ? Data.Slice(reader.Start, reader.Length) : default;

    /// <summary>The message that a field holds; null if the field is missing.</summary>
    public ImageRecord? Child(string name) => TryFind(name, out var reader)
        ? new ImageRecord(Data.Slice(reader.Start, reader.Length), ImageMessage.ForField(Message[name]))
        : null;

    /// <summary>All messages of a repeated field.</summary>
    public IEnumerable<ImageRecord> Children(string name)
    {
        var field = Message[name];
        for (var at = 0; Next(field, ref at, out var content, out _);)
            yield return new ImageRecord(content, ImageMessage.ForField(field));
    }

    /// <summary>All numbers of a repeated field.</summary>
    public IEnumerable<ulong> Numbers(string name)
    {
        for (var at = 0; Next(Message[name], ref at, out _, out var value);)
            yield return value;
    }

    /// <summary>All strings of a repeated field.</summary>
    public IEnumerable<string> Texts(string name)
    {
        for (var at = 0; Next(Message[name], ref at, out var content, out _);)
            yield return Encoding.UTF8.GetString(content.Span);
    }

    private bool Next(ImageField field, ref int at, out ReadOnlyMemory<byte> content, out ulong value)
    {
        var span = Data.Span[at..];
        var reader = new WireReader(span);
        while (!reader.AtEnd && reader.TryNext())
        {
            if (reader.Number != field.Number)
                continue;
            (content, value) = (Data.Slice(at + reader.Start, reader.Length), reader.Value);
            at += reader.Position;
            return true;
        }
        (content, value) = (default, 0);
        return false;
    }

    private bool TryFind(string name, out WireReader reader)
    {
        var number = Message[name].Number;
        reader = new WireReader(Data.Span);
        while (!reader.AtEnd && reader.TryNext())
        {
            if (reader.Number == number)
                return true;
        }
        reader = default;
        return false;
    }
}
