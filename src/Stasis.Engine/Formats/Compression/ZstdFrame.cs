using System.Buffers.Binary;

namespace Stasis.Engine.Formats.Compression;

/// <summary>The layout of a Zstandard frame, as far as needed to find its end (RFC 8878, 3.1).</summary>
internal static class ZstdFrame
{
    public const uint Magic = 0xFD2FB528;
    public const int MagicSize = 4;
    public const int BlockHeader = 3;

    /// <summary>The longest block, compressed or not, in bytes.</summary>
    public const int MaxBlockLength = 1 << 17;

    /// <summary>The length of the magic number and the longest header, in bytes.</summary>
    public const int MaxHeaderLength = MagicSize + 14;

    /// <summary>Whether a magic number is that of a skippable frame: four bytes of length, and content that decoders ignore.</summary>
    public static bool IsSkippable(uint magic) => (magic & 0xFFFFFFF0) == 0x184D2A50;

    /// <summary>Bytes from the frame's start to its first block, by the byte after the magic number.</summary>
    public static int HeaderSize(byte descriptor) =>
        MagicSize + 1 + (IsSingleSegment(descriptor) ? 0 : 1) + DictionarySize(descriptor) + ContentSizeSize(descriptor);

    /// <summary>The content's length in bytes, if the header has it. The header is complete and begins with the magic number.</summary>
    public static ulong? ContentSize(ReadOnlySpan<byte> header)
    {
        var descriptor = header[MagicSize];
        var field = header[(HeaderSize(descriptor) - ContentSizeSize(descriptor))..HeaderSize(descriptor)];
        return field.Length switch
        {
            0 => null,
            1 => field[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(field) + 256ul,
            4 => BinaryPrimitives.ReadUInt32LittleEndian(field),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(field),
        };
    }

    /// <summary>Whether the frame ends with a checksum of four bytes.</summary>
    public static bool HasChecksum(byte descriptor) => (descriptor & 4) != 0;

    /// <summary>Parses a block's header: whether the block is the frame's last one, and how many bytes follow.</summary>
    /// <exception cref="InvalidDataException">The header is invalid.</exception>
    public static (bool Last, int Size) Block(ReadOnlySpan<byte> header)
    {
        var value = header[0] | (header[1] << 8) | (header[2] << 16);
        var (last, type, size) = ((value & 1) != 0, (value >> 1) & 3, value >> 3);
        if (type == 3 || size > MaxBlockLength)
            throw new InvalidDataException("Data corruption detected");
        return (last, type == 1 ? 1 : size); // 1: one byte, repeated
    }

    private static bool IsSingleSegment(byte descriptor) => (descriptor & 0x20) != 0;

    private static int DictionarySize(byte descriptor) => (descriptor & 3) switch { 3 => 4, var size => size };

    private static int ContentSizeSize(byte descriptor) => (descriptor >> 6) switch
    {
        0 => IsSingleSegment(descriptor) ? 1 : 0,
        1 => 2,
        2 => 4,
        _ => 8,
    };
}
