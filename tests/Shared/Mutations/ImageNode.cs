using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Stasis.Engine.Criu.Images;

namespace Stasis.Tests.Mutations;

/// <summary>
/// A record of an image, taken apart so that a test can change one field of it and put it together again. Fields are named by paths:
/// "thread_core.creds.cap_eff[1]".
/// </summary>
internal sealed class ImageNode(ImageMessage message)
{
    private readonly List<(ImageField Field, object Value)> _fields = []; // ulong, byte[] or ImageNode
    private byte[] _rest = [];

    public ImageMessage Message => message;

    /// <summary>The fields in their order. Values are of type ulong, byte[] or <see cref="ImageNode"/>.</summary>
    public List<(ImageField Field, object Value)> Fields => _fields;

    public static ImageNode Parse(ReadOnlySpan<byte> data, ImageMessage message)
    {
        var node = new ImageNode(message);
        while (data.Length > 0)
        {
            var reader = new WireReader(data);
            if (!reader.TryNext() || message.Find(reader.Number) is not { } field)
                throw new InvalidDataException(message.Name);
            var content = data.Slice(reader.Start, reader.Length);
            node._fields.Add((field,
                field.Kind == ImageFieldKind.Message
                    ? Parse(content, ImageMessage.ForField(field))
                    : field.WireType == 2 ? content.ToArray() : reader.Value));
            data = data[reader.Position..];
        }
        return node;
    }

    /// <summary>A number, string or bytes in the place of what is there, or as a new one at the end.</summary>
    public ImageNode Set(string path, object value)
    {
        var (node, field, index) = Find(path);
        object made = value switch
        {
            string text => Encoding.UTF8.GetBytes(text),
            byte[] or ImageNode => value,
            long number => (ulong)number,
            _ => Convert.ToUInt64(value, CultureInfo.InvariantCulture)
        };
        var at = node.IndexOf(field, index);
        if (at < 0)
            node._fields.Add((field, made));
        else
            node._fields[at] = (field, made);
        return this;
    }

    /// <summary>One more of a field.</summary>
    public ImageNode Add(string path, object value) => Set(path + "[999999]", value);

    public ImageNode Remove(string path)
    {
        var (node, field, index) = Find(path);
        node._fields.RemoveAt(node.IndexOf(field, index));
        return this;
    }

    public ulong Number(string path) => (ulong)Value(path);

    public string Text(string path) => Encoding.UTF8.GetString((byte[])Value(path));

    public byte[] Bytes(string path) => (byte[])Value(path);

    public ImageNode Child(string path) => (ImageNode)Value(path);

    public int Count(string name) => _fields.Count(entry => entry.Field.Name == name);

    public bool Has(string path)
    {
        var (node, field, index) = Find(path);
        return node.IndexOf(field, index) >= 0;
    }

    /// <summary>Bytes behind all fields.</summary>
    public ImageNode Append(params byte[] bytes)
    {
        _rest = [.. _rest, .. bytes];
        return this;
    }

    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        foreach (var (field, value) in _fields)
        {
            Varint(bytes, (field.Number << 3) | (uint)field.WireType);
            switch (value)
            {
                case ulong number when field.WireType == 0:
                    Varint(bytes, number);
                    break;
                case ulong number:
                    var eight = new byte[8];
                    BinaryPrimitives.WriteUInt64LittleEndian(eight, number);
                    bytes.Write(eight);
                    break;
                default:
                    var content = value as byte[] ?? ((ImageNode)value).ToBytes();
                    Varint(bytes, (ulong)content.Length);
                    bytes.Write(content);
                    break;
            }
        }
        bytes.Write(_rest);
        return bytes.ToArray();
    }

    private object Value(string path)
    {
        var (node, field, index) = Find(path);
        return node._fields[node.IndexOf(field, index)].Value;
    }

    private int IndexOf(ImageField field, int index)
    {
        for (var i = 0; i < _fields.Count; i++)
        {
            if (_fields[i].Field == field && index-- == 0)
                return i;
        }
        return -1;
    }

    private (ImageNode Node, ImageField Field, int Index) Find(string path)
    {
        var (node, parts) = (this, path.Split('.'));
        for (var i = 0; ; i++)
        {
            var open = parts[i].IndexOf('[', StringComparison.Ordinal);
            var (name, index) = open < 0
                ? (parts[i], 0)
                : (parts[i][..open], int.Parse(parts[i][(open + 1)..^1], CultureInfo.InvariantCulture));
            var field = node.Message[name];
            if (i == parts.Length - 1)
                return (node, field, index);
            node = (ImageNode)node._fields[node.IndexOf(field, index)].Value;
        }
    }

    private static void Varint(Stream bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            bytes.WriteByte((byte)(value | 0x80));
        bytes.WriteByte((byte)value);
    }
}
