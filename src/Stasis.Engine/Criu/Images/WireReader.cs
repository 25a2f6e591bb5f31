using System.Buffers.Binary;

namespace Stasis.Engine.Criu.Images;

/// <summary>Reads fields in protobuf's wire format (protobuf.dev/programming-guides/encoding), one after another.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private const int VarintType = 0, Fixed64Type = 1, LengthType = 2, Fixed32Type = 5;

    private readonly ReadOnlySpan<byte> _data = data;

    /// <summary>Offset of the next field: where the current one ends.</summary>
    public int Position { get; private set; }

    /// <summary>The current field's number.</summary>
    public ulong Number { get; private set; }

    /// <summary>The current field's wire type.</summary>
    public int WireType { get; private set; }

    /// <summary>The current field's value if it is a number; otherwise 0.</summary>
    public ulong Value { get; private set; }

    /// <summary>Offset of the current field's content, if it is a string, bytes or a message.</summary>
    public int Start { get; private set; }

    /// <summary>Length of that content in bytes; 0 for numbers.</summary>
    public int Length { get; private set; }

    /// <summary>Whether there are no more fields.</summary>
    public readonly bool AtEnd => Position == _data.Length;

    /// <summary>Reads the next field. False if the bytes are no field.</summary>
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
                return shift == 0 || octet != 0; // a number must be written in the shortest way
        }
        return false;
    }
}
