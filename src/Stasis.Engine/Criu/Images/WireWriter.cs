using System.Buffers;
using System.Text;

namespace Stasis.Engine.Criu.Images;

/// <summary>Writes fields in protobuf's wire format (protobuf.dev/programming-guides/encoding).</summary>
internal sealed class WireWriter
{
    private const uint VarintType = 0, LengthType = 2;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What has been written so far.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>Writes a number (uint32, uint64, enum, bool).</summary>
    public WireWriter Number(ImageField field, ulong value)
    {
        Varint((ulong)field.Number << 3 | VarintType);
        Varint(value);
        return this;
    }

    /// <summary>Writes a string.</summary>
    public WireWriter Text(ImageField field, string text) => Content(field, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes, or a message that is encoded already.</summary>
    public WireWriter Content(ImageField field, ReadOnlySpan<byte> content)
    {
        Varint((ulong)field.Number << 3 | LengthType);
        Varint((ulong)content.Length);
        return Raw(content);
    }

    /// <summary>Writes fields that are encoded already, tags included.</summary>
    public WireWriter Raw(ReadOnlySpan<byte> fields)
    {
        _bytes.Write(fields);
        return this;
    }

    private void Varint(ulong value)
    {
        Span<byte> octets = stackalloc byte[10];
        var count = 0;
        for (; value > 0x7f; value >>= 7)
            octets[count++] = (byte)(value | 0x80);
        octets[count++] = (byte)value;
        _bytes.Write(octets[..count]);
    }
}
