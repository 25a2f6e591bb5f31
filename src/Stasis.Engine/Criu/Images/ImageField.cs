namespace Stasis.Engine.Criu.Images;

/// <summary>Type of a field (protobuf's scalar types, and messages).</summary>
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

/// <summary>How often a field occurs in a message.</summary>
internal enum ImageFieldCount
{
    Required,
    Optional,
    Repeated,
}

/// <summary>A field of a message.</summary>
/// <param name="Index">The field's index in <see cref="ImageMessage.Fields"/>.</param>
/// <param name="Number">Protobuf's field number.</param>
/// <param name="MessageName">Name of the message that the field holds; null unless it is a <see cref="ImageFieldKind.Message"/>.</param>
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

    /// <summary>
    /// Whether CRIU's decoder keeps all bits of a number. If it cut some off, CRIU and Stasis would read different numbers.
    /// </summary>
    public bool Holds(ulong value) => Kind switch
    {
        ImageFieldKind.U32 or ImageFieldKind.S32 or ImageFieldKind.Enum => value <= uint.MaxValue,
        ImageFieldKind.I32 => (long)value is >= int.MinValue and <= int.MaxValue,
        ImageFieldKind.Bool => value <= 1,
        _ => true,
    };
}
