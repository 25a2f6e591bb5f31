using System.Text;
using Stasis.Engine.Criu.Images;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>A record of a CRIU image whose fields can be changed by name. Fields that aren't changed keep their bytes.</summary>
internal sealed class EditableRecord
{
    private readonly List<(uint Number, ReadOnlyMemory<byte> Encoded)> _fields = [];
    private readonly ImageMessage _message;

    /// <summary>An empty record of a message.</summary>
    public EditableRecord(string message) => _message = ImageSchema.Message(message);

    /// <summary>A record with the fields of encoded bytes.</summary>
    public EditableRecord(string message, ReadOnlyMemory<byte> encoded)
        : this(message)
    {
        var reader = new WireReader(encoded.Span);
        for (var start = 0; !reader.AtEnd; start = reader.Position)
        {
            if (!reader.TryNext())
                throw new InvalidDataException($"{message}: not in protobuf's wire format");
            _fields.Add(((uint)reader.Number, encoded[start..reader.Position]));
        }
    }

    /// <summary>The record as it is now, encoded.</summary>
    public byte[] Encoded => [.. _fields.SelectMany(part => part.Encoded.ToArray())];

    /// <summary>The record as it is now, to read from.</summary>
    public ImageRecord Record => new(Encoded, _message);

    /// <summary>A record with the same fields.</summary>
    public EditableRecord Copy() => new(_message.Name, Encoded);

    /// <summary>Sets a number; a signed one too.</summary>
    public EditableRecord Set(string name, long value) => Replace(name, field => Encode(field, value));

    /// <summary>Sets a string.</summary>
    public EditableRecord Set(string name, string text) =>
        Replace(name, field => new WireWriter().Content(field, Encoding.UTF8.GetBytes(text)));

    /// <summary>Sets a message.</summary>
    public EditableRecord Set(string name, EditableRecord record) =>
        Replace(name, field => new WireWriter().Content(field, record.Encoded));

    /// <summary>Adds a message to a repeated field.</summary>
    public EditableRecord Add(string name, EditableRecord record) =>
        Insert(name, field => new WireWriter().Content(field, record.Encoded));

    /// <summary>Adds a string to a repeated field.</summary>
    public EditableRecord Add(string name, string text) =>
        Insert(name, field => new WireWriter().Content(field, Encoding.UTF8.GetBytes(text)));

    /// <summary>Removes a field, wherever it occurs.</summary>
    public EditableRecord Remove(string name)
    {
        _fields.RemoveAll(field => field.Number == _message[name].Number);
        return this;
    }

    /// <summary>The messages of a repeated field, to be changed and put back.</summary>
    public List<EditableRecord> Children(string name) =>
        [.. Record.Children(name).Select(child => new EditableRecord(child.Message.Name, child.Data))];

    private EditableRecord Replace(string name, Func<ImageField, WireWriter> encode)
    {
        Remove(name);
        return Insert(name, encode);
    }

    // In the order of the numbers, as every protobuf library writes them.
    private EditableRecord Insert(string name, Func<ImageField, WireWriter> encode)
    {
        var field = _message[name];
        var at = _fields.FindIndex(other => other.Number > field.Number);
        _fields.Insert(at < 0 ? _fields.Count : at, (field.Number, encode(field).Bytes));
        return this;
    }

    private static WireWriter Encode(ImageField field, long value) => new WireWriter().Number(field,
        field.Kind is ImageFieldKind.S32 or ImageFieldKind.S64 ? (ulong)((value << 1) ^ (value >> 63)) : (ulong)value);
}
