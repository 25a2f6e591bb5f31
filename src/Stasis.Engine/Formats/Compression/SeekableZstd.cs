using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Compression;

namespace Stasis.Engine.Formats.Compression;

/// <summary>
/// Reads zstd data with a seek table at any place, frame by frame. Nothing that the table says is trusted: a frame must be exactly where it says, be as long, and have its checksum. For use
/// by any number of threads at once.
/// </summary>
internal sealed class SeekableZstd : IDisposable
{
    /// <summary>The longest content of a frame that is read at once; Stasis writes <see cref="ParallelFrameWriter.PieceSize"/>.</summary>
    public const int LongestFrame = 8 << 20;

    private const long LongestTable = 64 << 20;

    private readonly SafeFileHandle _file;
    private readonly ConcurrentBag<ZstdDecompressor> _decompressors = [];

    private SeekableZstd(SafeFileHandle file, SeekTable table) => (_file, Table) = (file, table);

    /// <summary>Its frames.</summary>
    public SeekTable Table { get; }

    /// <summary>Length of the plain data.</summary>
    public long Length => Table.PlainLength;

    /// <summary>Reads the table of an open file; null if it has none. The file stays the caller's.</summary>
    /// <exception cref="CompressionException">It has one, which is damaged or doesn't fit the file.</exception>
    public static SeekableZstd? TryOpen(SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        Span<byte> footer = stackalloc byte[SeekTable.FooterSize];
        if (length < footer.Length || ReadFully(file, footer, length - footer.Length) < footer.Length || SeekTable.SizeOf(footer) is not { } size)
            return null;
        try
        {
            if (size > Math.Min(length, LongestTable))
                throw new InvalidDataException("the seek table is longer than can be");
            var bytes = new byte[size];
            if (ReadFully(file, bytes, length - size) < size)
                throw new InvalidDataException("the file ends within the seek table: truncated");
            var table = SeekTable.Read(bytes, LongestFrame);
            return table.CompressedLength == length - size
                ? new SeekableZstd(file, table)
                : throw new InvalidDataException($"the seek table is of {table.CompressedLength} bytes of frames, and there are {length - size}");
        }
        catch (InvalidDataException e)
        {
            throw new CompressionException("zstd", length - size, e.Message, e);
        }
    }

    /// <summary>Decompresses one frame into <paramref name="target"/>, which is as long as its content at least; gives that length.</summary>
    /// <exception cref="CompressionException">It isn't what the table says.</exception>
    public int ReadFrame(int index, Span<byte> target)
    {
        var frame = Table[index];
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(frame.Length, 1));
        if (!_decompressors.TryTake(out var decompressor))
            decompressor = new ZstdDecompressor();
        try
        {
            var compressed = bytes.AsSpan(0, frame.Length);
            if (ReadFully(_file, compressed, frame.Offset) < frame.Length)
                throw new InvalidDataException("ends within a frame: truncated");
            // libzstd has compared the frame's own checksum with its content; that of the table is to be the same one.
            if (frame.Length < ZstdFrame.LongestHeader - 10 || BinaryPrimitives.ReadUInt32LittleEndian(compressed) != ZstdFrame.Magic
                || !ZstdFrame.HasChecksum(compressed[ZstdFrame.MagicSize]) || BinaryPrimitives.ReadUInt32LittleEndian(compressed[^4..]) != frame.Checksum)
                throw new InvalidDataException("no frame with the checksum that the seek table says");
            var length = decompressor.Decompress(compressed, target[..frame.PlainLength]);
            return length == frame.PlainLength ? length : throw new InvalidDataException($"a frame of {length} bytes, of which the seek table says {frame.PlainLength}");
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

    /// <summary>Reads plain data from an offset on: as much as there is room for, less only at the end. Frames of which only a part is wanted are decompressed whole each time.</summary>
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

    internal static int ReadFully(SafeFileHandle file, Span<byte> target, long offset)
    {
        var done = 0;
        while (done < target.Length && RandomAccess.Read(file, target[done..], offset + done) is > 0 and var count)
            done += count;
        return done;
    }
}
