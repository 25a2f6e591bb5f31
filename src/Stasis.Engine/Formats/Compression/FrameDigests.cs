using System.Buffers.Binary;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Formats.Compression;

/// <summary>
/// The SHA-256 of each frame of zstd data, so that a frame can be verified that was read alone. They are at the end of the data, before the
/// seek table, in a skippable frame of their own: magic number 0x184D2A5D, length, and 32 bytes for each frame. Who has the digest of both
/// tables can verify all of the data.
/// </summary>
internal sealed class FrameDigests
{
    /// <summary>Bytes of one.</summary>
    public const int Size = 32;

    private const uint SkippableMagic = 0x184D2A5D;
    private const int HeaderSize = 8;

    private readonly ReadOnlyMemory<byte> _digests;

    private FrameDigests(ReadOnlyMemory<byte> digests) => _digests = digests;

    /// <summary>Parses the frames at the end of the data.</summary>
    /// <param name="tables">That of the digests, and that of the seek table.</param>
    /// <param name="longest">The longest content that a frame may have, in bytes.</param>
    /// <exception cref="InvalidDataException">They are damaged, or don't fit each other.</exception>
    public static (FrameDigests Digests, SeekTable Table) Read(ReadOnlyMemory<byte> tables, int longest)
    {
        var bytes = tables.Span;
        if (bytes.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != SkippableMagic)
            throw new InvalidDataException("the table of digests is damaged");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (length > bytes.Length - HeaderSize - SeekTable.FooterSize || length % Size != 0)
            throw new InvalidDataException("the table of digests is longer than can be");
        var seekTable = bytes[(HeaderSize + (int)length)..];
        if (SeekTable.ReadSize(seekTable[^SeekTable.FooterSize..]) != seekTable.Length)
            throw new InvalidDataException("the seek table is damaged");
        var table = SeekTable.Read(seekTable, longest);
        // Its last frame is that of the digests.
        return table.Count == (int)length / Size + 1
            ? (new FrameDigests(tables.Slice(HeaderSize, (int)length)), table)
            : throw new InvalidDataException($"{length / Size} digests, and {table.Count - 1} frames");
    }

    /// <summary>Whether a frame is the one that had the number when the table was written.</summary>
    public bool Matches(int index, ReadOnlySpan<byte> frame) =>
        index < _digests.Length / Size && Sha256.Compute(frame).AsSpan().SequenceEqual(_digests.Span.Slice(index * Size, Size));

    /// <summary>Collects a table.</summary>
    public sealed class Builder
    {
        private readonly List<byte> _digests = [];

        public void Add(ReadOnlySpan<byte> frame) => _digests.AddRange(Sha256.Compute(frame));

        public byte[] Finish()
        {
            var frame = new byte[HeaderSize + _digests.Count];
            BinaryPrimitives.WriteUInt32LittleEndian(frame, SkippableMagic);
            BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), _digests.Count);
            _digests.CopyTo(frame, HeaderSize);
            return frame;
        }
    }
}
