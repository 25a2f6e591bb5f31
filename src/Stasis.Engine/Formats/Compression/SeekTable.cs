using System.Buffers.Binary;

namespace Stasis.Engine.Formats.Compression;

/// <summary>
/// The places of the frames in zstd data. The table is at the end of the data, in a skippable frame: for each
/// frame its length, its content's length, and the low half of its content's XXH64; then the number of
/// frames, a byte that says whether there are checksums, and a magic number (zstd's contrib/seekable_format,
/// version 0.1).
/// </summary>
internal sealed class SeekTable
{
    public const int FooterSize = 9;

    private const uint SkippableMagic = 0x184D2A5E;
    private const uint Magic = 0x8F92EAB1;
    private const byte HasChecksums = 0x80;
    private const int HeaderSize = 8;
    private const int EntrySize = 12;
    private const uint LongestFrame = 64 << 20;

    private readonly long[] _compressed;
    private readonly long[] _plain;
    private readonly uint[] _checksums;

    private SeekTable(int count) => (_compressed, _plain, _checksums) = (new long[count + 1], new long[count + 1], new uint[count]);

    /// <summary>The number of frames.</summary>
    public int Count => _checksums.Length;

    /// <summary>The length of all contents, in bytes.</summary>
    public long PlainLength => _plain[^1];

    /// <summary>The length of the longest content of a frame, in bytes.</summary>
    public int MaxPlainLength { get; private set; }

    /// <summary>The length of all frames, in bytes.</summary>
    public long CompressedLength => _compressed[^1];

    /// <summary>The length in bytes of the table with its frame, by the last bytes of the data; null if there is no table.</summary>
    public static long? ReadSize(ReadOnlySpan<byte> footer) =>
        BinaryPrimitives.ReadUInt32LittleEndian(footer[5..]) == Magic && footer[4] == HasChecksums
            ? HeaderSize + FooterSize + ((long)EntrySize * BinaryPrimitives.ReadUInt32LittleEndian(footer))
            : null;

    /// <summary>Parses a table.</summary>
    /// <param name="table">The table, from its frame's header on.</param>
    /// <param name="longest">The longest content that a frame may have, in bytes.</param>
    /// <exception cref="InvalidDataException">The table is damaged, or a frame is too long.</exception>
    public static SeekTable Read(ReadOnlySpan<byte> table, int longest)
    {
        var count = (table.Length - HeaderSize - FooterSize) / EntrySize;
        if (BinaryPrimitives.ReadUInt32LittleEndian(table) != SkippableMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(table[4..]) != table.Length - HeaderSize)
            throw new InvalidDataException("the seek table is damaged");
        var read = new SeekTable(count);
        for (var i = 0; i < count; i++)
        {
            var entry = table[(HeaderSize + (i * EntrySize))..];
            var compressed = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            if (compressed > LongestFrame)
                throw new InvalidDataException($"the seek table has a frame of {compressed} compressed bytes: more than can be");
            var plain = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            if (plain > longest)
                throw new InvalidDataException($"the seek table has a frame of {plain} bytes: more than {longest} are not read at once");
            read._compressed[i + 1] = read._compressed[i] + compressed;
            read._plain[i + 1] = read._plain[i] + plain;
            read.MaxPlainLength = Math.Max(read.MaxPlainLength, (int)plain);
            read._checksums[i] = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
        }

        return read;
    }

    /// <summary>The index of the frame with the content's byte at an offset.</summary>
    public int FrameAt(long offset)
    {
        var found = Array.BinarySearch(_plain, offset);
        if (found < 0)
            return ~found - 1;
        // Frames without content begin where the next one does, and contain no byte.
        while (found + 1 < _plain.Length && _plain[found + 1] == offset)
            found++;
        return found;
    }

    /// <summary>The frame at an index.</summary>
    public SeekFrame this[int i] =>
        new(_compressed[i], (int)(_compressed[i + 1] - _compressed[i]), _plain[i], (int)(_plain[i + 1] - _plain[i]), _checksums[i]);

    /// <summary>Collects a table.</summary>
    public sealed class Builder
    {
        private readonly List<(int Compressed, int Plain, uint Checksum)> _entries = [];

        public void Add(int compressed, int plain, uint checksum) => _entries.Add((compressed, plain, checksum));

        public byte[] Finish()
        {
            var table = new byte[HeaderSize + (_entries.Count * EntrySize) + FooterSize];
            BinaryPrimitives.WriteUInt32LittleEndian(table, SkippableMagic);
            BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(4), table.Length - HeaderSize);
            var rest = table.AsSpan(HeaderSize);
            foreach (var (compressed, plain, checksum) in _entries)
            {
                BinaryPrimitives.WriteInt32LittleEndian(rest, compressed);
                BinaryPrimitives.WriteInt32LittleEndian(rest[4..], plain);
                BinaryPrimitives.WriteUInt32LittleEndian(rest[8..], checksum);
                rest = rest[EntrySize..];
            }
            var footer = table.AsSpan(table.Length - FooterSize);
            BinaryPrimitives.WriteUInt32LittleEndian(footer, (uint)_entries.Count);
            footer[4] = HasChecksums;
            BinaryPrimitives.WriteUInt32LittleEndian(footer[5..], Magic);
            return table;
        }
    }
}

/// <summary>A frame of zstd data, and its content's place in the plain data.</summary>
/// <param name="Offset">The frame's offset in the compressed data.</param>
/// <param name="Length">The frame's length in bytes.</param>
/// <param name="PlainOffset">The content's offset in the plain data.</param>
/// <param name="PlainLength">The content's length in bytes.</param>
/// <param name="Checksum">The low half of the content's XXH64.</param>
internal readonly record struct SeekFrame(long Offset, int Length, long PlainOffset, int PlainLength, uint Checksum);
