namespace Stasis.Engine.Formats.Tar;

/// <summary>
/// The 512-byte header: the places of its fields (POSIX.1 pax, "ustar Interchange Format"; GNU tar manual,
/// "Basic Tar Format"), and its numbers.
/// </summary>
internal static class TarHeader
{
    public const int Block = 512;

    public static readonly Range Name = 0..100;
    public static readonly Range Mode = 100..108;
    public static readonly Range Uid = 108..116;
    public static readonly Range Gid = 116..124;
    public static readonly Range Size = 124..136;
    public static readonly Range Modified = 136..148;
    public static readonly Range Checksum = 148..156;
    public const int Type = 156;
    public static readonly Range LinkName = 157..257;
    public static readonly Range Magic = 257..265;
    public static readonly Range DeviceMajor = 329..337;
    public static readonly Range DeviceMinor = 337..345;
    public static readonly Range Prefix = 345..500;
    // xstar, star's format, has access and change time after a shorter prefix, and a mark at the end.
    public static readonly Range StarPrefix = 345..476;
    public static readonly Range StarTrailer = 508..512;

    public static readonly Range GnuSparse = 386..482;
    public const int GnuIsExtended = 482;
    public static readonly Range GnuRealSize = 483..495;
    public static readonly Range GnuExtendedSparse = 0..504;
    public const int GnuExtendedIsExtended = 504;

    public static ReadOnlySpan<byte> UstarMagic => "ustar\0"u8;

    public static ReadOnlySpan<byte> GnuMagic => "ustar  \0"u8;

    /// <summary>A length in bytes, rounded up to whole blocks.</summary>
    public static long Padded(long size) => (size + (Block - 1)) & ~(Block - 1L);

    /// <summary>The text in a field: up to its first zero byte.</summary>
    public static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    /// <summary>
    /// The number in a field: octal, or if the top bit is set, GNU's base-256 (two's complement). Null if it
    /// is neither, or beyond 63 bits.
    /// </summary>
    public static long? Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
            return Binary(field);
        var text = Text(field).Trim((byte)' ');
        long value = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'7' || value >> 60 != 0)
                return null;
            value = (value << 3) | (long)(digit - '0');
        }

        return value;
    }

    /// <summary>Writes a number in octal, followed by a zero byte. Returns false if it doesn't fit.</summary>
    public static bool TryWriteOctal(Span<byte> field, long value)
    {
        var digits = field.Length - 1;
        if (value < 0 || (digits < 21 && value >> (3 * digits) != 0))
            return false;
        for (var i = digits - 1; i >= 0; i--, value >>= 3)
            field[i] = (byte)('0' + (value & 7));
        field[digits] = 0;
        return true;
    }

    /// <summary>The header's checksum, of unsigned bytes, and of signed bytes as in some old tars.</summary>
    public static (long Unsigned, long Signed) Sum(ReadOnlySpan<byte> block)
    {
        long unsigned = 8 * ' ', signed = 8 * ' ';
        for (var i = 0; i < block.Length; i++)
        {
            if (i >= Checksum.Start.Value && i < Checksum.End.Value)
                continue;
            unsigned += block[i];
            signed += (sbyte)block[i];
        }

        return (unsigned, signed);
    }

    private static long? Binary(ReadOnlySpan<byte> field)
    {
        var negative = (field[0] & 0x40) != 0;
        var value = negative ? -1L : 0;
        for (var i = 0; i < field.Length; i++)
        {
            var digit = i > 0 ? field[i] : negative ? (byte)(field[0] | 0x80) : (byte)(field[0] & 0x7F);
            if (value >> 55 != (negative ? -1 : 0))
                return null;
            value = (value << 8) | digit;
        }

        return value;
    }
}
