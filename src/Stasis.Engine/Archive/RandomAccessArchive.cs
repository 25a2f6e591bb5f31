using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;

namespace Stasis.Engine.Archive;

/// <summary>
/// An archive whose entries can be read at any offset without being unpacked: an uncompressed one, or one in
/// zstd with a seek table. Plain data comes in pieces, which are zstd's frames if there are any. Safe for use
/// by several threads at once.
/// </summary>
internal sealed class RandomAccessArchive : IDisposable
{
    // The length of a piece in an uncompressed archive.
    private const int PieceSize = 1 << 20;

    private readonly SafeFileHandle? _file;
    private readonly SeekableZstd? _zstd;
    private readonly Dictionary<string, IndexedEntry> _entries = [];

    // One of the two is there.
    private RandomAccessArchive(SafeFileHandle? file, SeekableZstd? zstd) => (_file, _zstd) = (file, zstd);

    /// <summary>The archive's files of memory pages, by name.</summary>
    public IReadOnlyDictionary<string, IndexedEntry> Entries => _entries;

    /// <summary>The zstd frames that the plain data is read from; null if the archive isn't compressed.</summary>
    public SeekableZstd? Frames => _zstd;

    /// <summary>
    /// Indexes the memory pages of an open archive. Returns null if it can't be read at any offset. The file stays
    /// the caller's. No content is read, and nothing is checked except that the archive is a tar, and its entries' names and number.
    /// </summary>
    /// <param name="file">The archive.</param>
    /// <param name="title">What messages call it.</param>
    /// <param name="limits">The limits; null for the defaults.</param>
    /// <exception cref="ArchiveException">It is beyond the limits, or has a name that isn't allowed.</exception>
    /// <exception cref="CompressionException">The compressed data is damaged.</exception>
    /// <exception cref="TarException">The archive isn't a tar, or the tar is damaged.</exception>
    public static RandomAccessArchive? TryOpen(SafeFileHandle file, string title = "the archive", ArchiveLimits? limits = null)
    {
        Span<byte> first = stackalloc byte[6];
        var isPlain = CompressionStreams.IsPlain(first[..RandomAccess.Read(file, first, 0)]);
        var zstd = isPlain ? null : SeekableZstd.TryOpen(file);
        if (!isPlain && zstd is null)
            return null;
        var index = new RandomAccessArchive(file, zstd);
        index.ReadEntries(title, RandomAccess.GetLength(file), limits ?? ArchiveLimits.Default);
        return index;
    }

    /// <summary>As <see cref="TryOpen"/>, of frames, which belong to this object from here on.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="title">What messages call it.</param>
    /// <param name="length">Its length in bytes, compressed.</param>
    /// <param name="limits">The limits.</param>
    /// <exception cref="ArchiveException">It is beyond the limits, or has a name that isn't allowed.</exception>
    /// <exception cref="CompressionException">The compressed data is damaged.</exception>
    /// <exception cref="TarException">The archive isn't a tar, or the tar is damaged.</exception>
    public static RandomAccessArchive Open(SeekableZstd frames, string title, long length, ArchiveLimits limits)
    {
        var index = new RandomAccessArchive(null, frames);
        index.ReadEntries(title, length, limits);
        return index;
    }

    /// <summary>The length of the plain data, in bytes.</summary>
    public long Length => _zstd?.Length ?? RandomAccess.GetLength(_file!);

    /// <summary>Reads plain data from an offset on. Fills the target; returns less than its length only at the end.</summary>
    public int ReadAt(long offset, Span<byte> target) => _zstd?.ReadAt(offset, target) ?? new FileSource(_file!).ReadAt(offset, target);

    /// <summary>Opens the plain data as a seekable stream, so that a tar reader skips contents without reading them.</summary>
    public Stream OpenPlain() => new PlainStream(this);

    /// <summary>The index of the piece with the byte at an offset of the plain data.</summary>
    public int PieceAt(long offset) => _zstd?.Table.FrameAt(offset) ?? (int)(offset / PieceSize);

    /// <summary>Copies the part of an entry that lies in a piece to its place in a file with the entry's content.</summary>
    /// <exception cref="CompressionException">The piece is damaged.</exception>
    /// <exception cref="EndOfStreamException">The archive is shorter than it was.</exception>
    public void CopyPiece(int piece, IndexedEntry entry, SafeFileHandle target)
    {
        var (start, length) = _zstd is null
            ? ((long)piece * PieceSize, PieceSize)
            : (_zstd.Table[piece].PlainOffset, _zstd.Table[piece].PlainLength);
        var (from, to) = (Math.Max(start, entry.Offset), Math.Min(start + length, entry.Offset + entry.Length));
        if (from >= to)
            return;
        if (_zstd is null)
        {
            FileCopy.CopyRange(_file!, from, target, from - entry.Offset, to - from);
            return;
        }

        var plain = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            _zstd.ReadFrame(piece, plain);
            RandomAccess.Write(target, plain.AsSpan((int)(from - start), (int)(to - from)), from - entry.Offset);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    // As ArchiveExtractor sees them, which unpacks all the others.
    private void ReadEntries(string title, long length, ArchiveLimits limits)
    {
        LimitedStream.Require(Length, length, title, limits);
        var budget = new EntryBudget(title, () => length, limits);
        using var tar = new TarReader(OpenPlain());
        while (tar.Next() is { } entry)
        {
            var name = ArchiveEntryNames.ToPodmans(EntryNameValidator.Validate(entry, title, limits));
            budget.CountEntry(tar: null);
            if (entry is { Type: TarEntryType.File, Extents: null } && ArchiveEntryNames.IsPages(name))
                _entries[name] = new IndexedEntry(tar.Offset, entry.Size);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _zstd?.Dispose();

    /// <summary>
    /// The plain data. A tar reader reads consecutive parts of a frame, so the current frame is kept: each is
    /// decompressed once.
    /// </summary>
    private sealed class PlainStream(RandomAccessArchive index) : Stream
    {
        private readonly byte[] _plain = new byte[index._zstd?.Table.MaxPlainLength ?? 0];
        private int _frame = -1;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => index.Length;

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var count = index._zstd is { } zstd ? Read(zstd, buffer) : index.ReadAt(Position, buffer);
            Position += count;
            return count;
        }

        private int Read(SeekableZstd zstd, Span<byte> buffer)
        {
            if (Position >= zstd.Length)
                return 0;
            var frame = zstd.Table.FrameAt(Position);
            if (frame != _frame)
            {
                _frame = -1;
                zstd.ReadFrame(frame, _plain);
                _frame = frame;
            }

            var rest = _plain.AsSpan(0, zstd.Table[frame].PlainLength)[(int)(Position - zstd.Table[frame].PlainOffset)..];
            rest = rest[..Math.Min(rest.Length, buffer.Length)];
            rest.CopyTo(buffer);
            return rest.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }
    }
}
