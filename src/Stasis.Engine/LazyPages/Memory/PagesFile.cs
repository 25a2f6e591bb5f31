using Stasis.Engine.Archive;
using Stasis.Linux.Memory;

namespace Stasis.Engine.LazyPages.Memory;

/// <summary>A pages-N.img, mapped into memory. All copies of a checkpoint get their pages from this mapping.</summary>
/// <param name="path">The file's path.</param>
/// <param name="backfill">Reads the file's content out of the archive; null if the file is complete.</param>
internal sealed class PagesFile(string path, EntryPieceCopier? backfill = null) : IDisposable
{
    // The kernel copies out of mapped pages directly. Mapping them in chunks of 1 MiB costs least per page.
    private const int ChunkSize = 1 << 20;

    private readonly MappedFile _view = MappedFile.Open(path);
    private int[] _loaded = [];

    /// <summary>The file's path.</summary>
    public string Path => path;

    /// <summary>The file's length in bytes.</summary>
    public long Length => _view.Length;

    /// <summary>The address of a range in this process's memory. Its pages have been read.</summary>
    /// <exception cref="InvalidDataException">The archive that the pages come from is damaged.</exception>
    public nint Source(long offset, long length)
    {
        if (backfill is not null)
        {
            // Not the rest of the chunk: pages that the backfill hasn't read yet would be mapped as zeros, and mapped again later.
            backfill.Require(offset, length);
            _view.Load(offset, length);
            return _view.At(offset, length);
        }
        if (_loaded.Length == 0)
            _loaded = new int[(Length + ChunkSize - 1) / ChunkSize];
        for (var chunk = (int)(offset / ChunkSize); chunk <= (int)((offset + length - 1) / ChunkSize); chunk++)
        {
            if (Volatile.Read(ref _loaded[chunk]) != 0)
                continue;
            var start = (long)chunk * ChunkSize;
            _view.Load(start, Math.Min(ChunkSize, Length - start));
            Volatile.Write(ref _loaded[chunk], 1);
        }
        return _view.At(offset, length);
    }

    public void Dispose() => _view.Dispose();
}
