using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Compression;

namespace Stasis.Engine.Formats.Compression;

/// <summary>
/// Reads zstd data with a seek table at any offset, frame by frame. The table isn't trusted: a frame must
/// have exactly the place, length and checksum that the table says. Safe for use by several threads at once.
/// </summary>
internal sealed class SeekableZstd : IDisposable
{
    /// <summary>
    /// The longest content of a frame that is accepted, in bytes; Stasis writes
    /// <see cref="ParallelFrameWriter.PieceSize"/>.
    /// </summary>
    public const int MaxFrameLength = 8 << 20;

    private const long MaxTableLength = 64 << 20;

    private readonly IRandomAccessSource _source;
    private readonly FrameDigests? _digests;
    private readonly ConcurrentBag<ZstdDecompressor> _decompressors = [];

    private SeekableZstd(IRandomAccessSource source, SeekTable table, FrameDigests? digests = null) =>
        (_source, Table, _digests) = (source, table, digests);

    /// <summary>The frames.</summary>
    public SeekTable Table { get; }

    /// <summary>The length of the plain data, in bytes.</summary>
    public long Length => Table.PlainLength;

    /// <summary>Reads the table of an open file. Returns null if the file has none. The file stays the caller's.</summary>
    /// <exception cref="CompressionException">The table is damaged or doesn't fit the file.</exception>
    public static SeekableZstd? TryOpen(SafeFileHandle file)
    {
        var source = new FileSource(file);
        var length = source.Length;
        Span<byte> footer = stackalloc byte[SeekTable.FooterSize];
        if (length < footer.Length || source.ReadAt(length - footer.Length, footer) < footer.Length
            || SeekTable.ReadSize(footer) is not { } size)
            return null;
        try
        {
            if (size > Math.Min(length, MaxTableLength))
                throw new InvalidDataException("the seek table is longer than can be");
            var bytes = new byte[size];
            if (source.ReadAt(length - size, bytes) < size)
                throw new InvalidDataException("the file ends within the seek table: truncated");
            var table = SeekTable.Read(bytes, MaxFrameLength);
            return table.CompressedLength == length - size
                ? new SeekableZstd(source, table)
                : throw new InvalidDataException(
                    $"the seek table is of {table.CompressedLength} bytes of frames, and there are {length - size}");
        }
        catch (InvalidDataException e)
        {
            throw new CompressionException("zstd", length - size, e.Message, e);
        }
    }

    /// <summary>Reads data whose frames are verified, each when it is read.</summary>
    /// <param name="source">The data.</param>
    /// <param name="tables">Its end, verified: the digests of the frames (<see cref="FrameDigests"/>), and the seek table.</param>
    /// <exception cref="CompressionException">The tables are damaged, or don't fit the data.</exception>
    public static SeekableZstd OpenVerified(IRandomAccessSource source, ReadOnlyMemory<byte> tables)
    {
        try
        {
            var (digests, table) = FrameDigests.Read(tables, MaxFrameLength);
            var frames = source.Length - tables.Length;
            if (table.Count == 0 || table[table.Count - 1] is not { PlainLength: 0 } last || last.Offset != frames)
                throw new InvalidDataException($"the seek table isn't one of {frames} bytes of frames");
            // A frame that nobody reads here would be a part of the data for others.
            return Enumerable.Range(0, table.Count - 1).All(frame => table[frame].PlainLength > 0)
                ? new SeekableZstd(source, table, digests)
                : throw new InvalidDataException("the seek table has a frame without content");
        }
        catch (InvalidDataException e)
        {
            throw new CompressionException("zstd", source.Length - tables.Length, e.Message, e);
        }
    }

    /// <summary>
    /// Decompresses one frame into <paramref name="target"/>, which must have room for the content. Returns
    /// the content's length.
    /// </summary>
    /// <exception cref="CompressionException">The frame isn't what the table says.</exception>
    public int ReadFrame(int index, Span<byte> target)
    {
        var frame = Table[index];
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(frame.Length, 1));
        if (!_decompressors.TryTake(out var decompressor))
            decompressor = new ZstdDecompressor();
        try
        {
            var compressed = bytes.AsSpan(0, frame.Length);
            if (_source.ReadAt(frame.Offset, compressed) < frame.Length)
                throw new InvalidDataException("ends within a frame: truncated");
            if (_digests?.Matches(index, compressed) == false)
                throw new InvalidDataException("a frame doesn't have the digest that it had when it was written");
            // libzstd compares the frame's own checksum with the content. The table's checksum must equal it.
            if (frame.Length < ZstdFrame.MaxHeaderLength - 10 || BinaryPrimitives.ReadUInt32LittleEndian(compressed) != ZstdFrame.Magic
                || !ZstdFrame.HasChecksum(compressed[ZstdFrame.MagicSize])
                    || BinaryPrimitives.ReadUInt32LittleEndian(compressed[^4..]) != frame.Checksum)
                throw new InvalidDataException("no frame with the checksum that the seek table says");
            var length = decompressor.Decompress(compressed, target[..frame.PlainLength]);
            return length == frame.PlainLength
                ? length
                : throw new InvalidDataException($"a frame of {length} bytes, of which the seek table says {frame.PlainLength}");
        }
        catch (InvalidDataException e)
        {
            throw new CompressionException("zstd", frame.Offset, e.Message, e);
        }
        finally
        {
            _decompressors.Add(decompressor);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>
    /// Reads plain data from an offset on. Fills the target; returns less than its length only at the end. A
    /// frame that is needed in part is decompressed completely each time.
    /// </summary>
    /// <exception cref="CompressionException">A frame isn't what the table says.</exception>
    public int ReadAt(long offset, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var done = 0;
        while (done < target.Length && offset + done < Length)
        {
            var index = Table.FrameAt(offset + done);
            var frame = Table[index];
            var rest = target[done..];
            if (frame.PlainOffset == offset + done && frame.PlainLength <= rest.Length)
            {
                done += ReadFrame(index, rest);
                continue;
            }

            var plain = ArrayPool<byte>.Shared.Rent(frame.PlainLength);
            try
            {
                var from = (int)(offset + done - frame.PlainOffset);
                var part = plain.AsSpan(0, ReadFrame(index, plain))[from..];
                part = part[..Math.Min(part.Length, rest.Length)];
                part.CopyTo(rest);
                done += part.Length;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(plain);
            }
        }

        return done;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_decompressors.TryTake(out var decompressor))
            decompressor.Dispose();
    }
}
