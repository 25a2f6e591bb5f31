using System.Buffers.Binary;

namespace Stasis.Engine.Formats.Compression;

/// <summary>
/// Where each frame of zstd data begins. At the end of the data, in a skippable frame: for each frame its length, that of its content, and the low half of its content's XXH64; their
/// number, a byte that says whether there are checksums, and a magic number (zstd's contrib/seekable_format, version 0.1).
/// </summary>
internal sealed class SeekTable
{
    public const int FooterSize = 9;

    private const uint SkippableMagic = 0x184D2A5E;
    private const uint Magic = 0x8F92EAB1;
    private const byte HasChecksums = 0x80;
    private const int HeaderSize = 8;
    private const int EntrySize = 12;

    private readonly long[] _compressed;
    private readonly long[] _plain;
    private readonly uint[] _checksums;

    private SeekTable(int count) => (_compressed, _plain, _checksums) = (new long[count + 1], new long[count + 1], new uint[count]);

    /// <summary>Number of frames.</summary>
    public int Count => _checksums.Length;

    /// <summary>Length of all content.</summary>
    public long PlainLength => _plain[^1];

    /// <summary>Length of the longest content of a frame.</summary>
    public int LongestPlain { get; private set; }

    /// <summary>Length of all frames.</summary>
    public long CompressedLength => _compressed[^1];

    /// <summary>Bytes of the table with its own frame, told by what is at the end of the data; null if there is none.</summary>
    public static long? SizeOf(ReadOnlySpan<byte> footer) =>
        BinaryPrimitives.ReadUInt32LittleEndian(footer[5..]) == Magic && footer[4] == HasChecksums
            ? HeaderSize + FooterSize + ((long)EntrySize * BinaryPrimitives.ReadUInt32LittleEndian(footer))
            : null;

    /// <summary>Reads the table, which begins with its frame's header.</summary>
    /// <param name="table">All of it.</param>
    /// <param name="longest">The longest content that a frame may have.</param>
    /// <exception cref="InvalidDataException">It isn't one, or a frame is too long.</exception>
    public static SeekTable Read(ReadOnlySpan<byte> table, int longest)
    {
        var count = (table.Length - HeaderSize - FooterSize) / EntrySize;
        if (BinaryPrimitives.ReadUInt32LittleEndian(table) != SkippableMagic || BinaryPrimitives.ReadUInt32LittleEndian(table[4..]) != table.Length - HeaderSize)
            throw new InvalidDataException("the seek table is damaged");
        var read = new SeekTable(count);
        for (var i = 0; i < count; i++)
        {
            var entry = table[(HeaderSize + (i * EntrySize))..];
            var plain = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            if (plain > longest)
                throw new InvalidDataException($"the seek table has a frame of {plain} bytes: more than {longest} are not read at once");
            read._compressed[i + 1] = read._compressed[i] + BinaryPrimitives.ReadUInt32LittleEndian(entry);
            read._plain[i + 1] = read._plain[i] + plain;
            read.LongestPlain = Math.Max(read.LongestPlain, (int)plain);
            read._checksums[i] = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
        }

        return read;
    }

    /// <summary>The frame that has the content's byte at an offset within it.</summary>
    public int FrameAt(long offset)
    {
        var found = Array.BinarySearch(_plain, offset);
        if (found < 0)
            return ~found - 1;
        // Of frames without content, which begin where the next one does, none has it.
        while (found + 1 < _plain.Length && _plain[found + 1] == offset)
            found++;
        return found;
    }

    /// <summary>A frame.</summary>
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

/// <summary>A frame of zstd data, and its content's place in all of it.</summary>
/// <param name="Offset">Where it begins in the compressed data.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="PlainOffset">Where its content begins in the plain data.</param>
/// <param name="PlainLength">Bytes of that.</param>
/// <param name="Checksum">Low half of the content's XXH64.</param>
internal readonly record struct SeekFrame(long Offset, int Length, long PlainOffset, int PlainLength, uint Checksum);
