namespace Stasis.Engine.Criu.Images;

/// <summary>What a field of a message holds (protobuf's scalar types).</summary>
internal enum ImageFieldKind
{
    U32,
    U64,
    I32,
    I64,
    S32,
    S64,
    Bool,
    Enum,
    F64,
    Str,
    Bytes,
    Message,
}

/// <summary>How often it may be there.</summary>
internal enum ImageFieldCount
{
    Required,
    Optional,
    Repeated,
}

/// <summary>One field of a message.</summary>
/// <param name="Index">Its place in the message's list.</param>
/// <param name="Number">Protobuf's field number.</param>
/// <param name="MessageName">The message that it holds, for <see cref="ImageFieldKind.Message"/>.</param>
internal sealed record ImageField(int Index, string Name, uint Number, ImageFieldKind Kind, ImageFieldCount Count, string? MessageName)
{
    private const int Varint = 0, Fixed64 = 1, Length = 2;

    /// <summary>Protobuf's wire type, as CRIU writes it: repeated numbers are not packed.</summary>
    public int WireType => Kind switch
    {
        ImageFieldKind.F64 => Fixed64,
        ImageFieldKind.Str or ImageFieldKind.Bytes or ImageFieldKind.Message => Length,
        _ => Varint,
    };

    /// <summary>Whether CRIU's decoder keeps the whole of that number. What it would cut off could tell two readers two things.</summary>
    public bool Holds(ulong value) => Kind switch
    {
        ImageFieldKind.U32 or ImageFieldKind.S32 or ImageFieldKind.Enum => value <= uint.MaxValue,
        ImageFieldKind.I32 => (long)value is >= int.MinValue and <= int.MaxValue,
        ImageFieldKind.Bool => value <= 1,
        _ => true,
    };
}
