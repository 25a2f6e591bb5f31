using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Archive.Tar;

namespace Stasis.Engine.Archive;

/// <summary>
/// An archive whose entries can be read at any place without being unpacked: one that isn't compressed, or zstd with a seek table. For use by any number of threads at once.
/// </summary>
internal sealed class ArchiveIndex : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly SeekableZstd? _zstd;
    private readonly Dictionary<string, IndexedEntry> _entries = [];

    private ArchiveIndex(SafeFileHandle file, SeekableZstd? zstd) => (_file, _zstd) = (file, zstd);

    /// <summary>Its regular files, by name.</summary>
    public IReadOnlyDictionary<string, IndexedEntry> Entries => _entries;

    /// <summary>The frames that the plain data is read of; null if the archive isn't compressed.</summary>
    public SeekableZstd? Frames => _zstd;

    /// <summary>Finds the entries of an open archive; null if it can't be read at any place. The file stays the caller's. No content is read, and nothing is checked but that it is a tar.</summary>
    /// <exception cref="StasisException">It is damaged.</exception>
    public static ArchiveIndex? TryOpen(SafeFileHandle file)
    {
        Span<byte> first = stackalloc byte[6];
        var isPlain = Compression.IsPlain(first[..RandomAccess.Read(file, first, 0)]);
        var zstd = isPlain ? null : SeekableZstd.TryOpen(file);
        if (!isPlain && zstd is null)
            return null;
        var index = new ArchiveIndex(file, zstd);
        using var tar = new TarReader(new At(index));
        while (tar.Next() is { } entry)
        {
            if (entry is { Type: TarEntryType.File, Extents: null })
                index._entries[entry.NameText] = new IndexedEntry(tar.Offset, entry.Size);
        }

        return index;
    }

    /// <summary>Reads the plain data from an offset on: as much as there is room for, less only at the end.</summary>
    public int ReadAt(long offset, Span<byte> target) => _zstd?.ReadAt(offset, target) ?? SeekableZstd.ReadFully(_file, target, offset);

    /// <inheritdoc/>
    public void Dispose() => _zstd?.Dispose();

    /// <summary>The plain data, passed over without being read where a tar's reader needs none of it.</summary>
    private sealed class At(ArchiveIndex index) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => index._zstd?.Length ?? RandomAccess.GetLength(index._file);

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var count = index.ReadAt(Position, buffer);
            Position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }
    }
}

/// <summary>Where an entry's content lies in the plain data.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct IndexedEntry(long Offset, long Length);
