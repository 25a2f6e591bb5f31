using System.Buffers.Binary;

namespace Stasis.Engine.Criu.Images;

/// <summary>Protobuf's wire format (protobuf.dev/programming-guides/encoding), one field after the other.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private const int VarintType = 0, Fixed64Type = 1, LengthType = 2, Fixed32Type = 5;

    private readonly ReadOnlySpan<byte> _data = data;

    /// <summary>Where the next field begins; after <see cref="TryNext"/>, where the present one ends.</summary>
    public int Position { get; private set; }

    public ulong Number { get; private set; }

    public int WireType { get; private set; }

    /// <summary>The number, if the field is one.</summary>
    public ulong Value { get; private set; }

    /// <summary>Where the content begins, if it is a string or message, and how long it is.</summary>
    public int Start { get; private set; }

    public int Length { get; private set; }

    public readonly bool AtEnd => Position == _data.Length;

    /// <summary>Reads a field; false if it isn't one.</summary>
    public bool TryNext()
    {
        if (!TryVarint(out var tag) || tag >> 3 == 0)
            return false;
        (Number, WireType) = (tag >> 3, (int)(tag & 7));
        (Value, Length) = (0, 0);
        switch (WireType)
        {
            case VarintType when TryVarint(out var value):
                Value = value;
                return true;
            case Fixed64Type when _data.Length - Position >= 8:
                Value = BinaryPrimitives.ReadUInt64LittleEndian(_data[Position..]);
                Position += 8;
                return true;
            case Fixed32Type when _data.Length - Position >= 4:
                Value = BinaryPrimitives.ReadUInt32LittleEndian(_data[Position..]);
                Position += 4;
                return true;
            case LengthType when TryVarint(out var length) && length <= (ulong)(_data.Length - Position):
                (Start, Length) = (Position, (int)length);
                Position += (int)length;
                return true;
            default:
                return false;
        }
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && Position < _data.Length; shift += 7)
        {
            var octet = _data[Position++];
            if (shift == 63 && octet > 1)
                return false;
            value |= (ulong)(octet & 0x7f) << shift;
            if (octet < 0x80)
                return shift == 0 || octet != 0; // no other way to write a number than the shortest
        }
        return false;
    }
}
