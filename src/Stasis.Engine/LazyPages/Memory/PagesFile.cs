using Stasis.Engine.Archive;
using Stasis.Linux.Memory;

namespace Stasis.Engine.LazyPages.Memory;

/// <summary>A file of pages (pages-N.img) as memory. All copies of a checkpoint take their pages out of this one view.</summary>
/// <param name="path">The file.</param>
/// <param name="fill">What brings its content, where that isn't there yet.</param>
internal sealed class PagesFile(string path, EntryBackfill? fill = null) : IDisposable
{
    // The kernel copies out of mapped pages without a detour; mapping them by such pieces costs the least for each.
    private const int LoadedAtOnce = 1 << 20;

    private readonly MappedFile _view = MappedFile.Open(path);
    private int[] _loaded = [];

    /// <summary>Its name.</summary>
    public string Path => path;

    /// <summary>Bytes.</summary>
    public long Length => _view.Length;

    /// <summary>Where a range of it lies in this process; its pages are there.</summary>
    /// <exception cref="InvalidDataException">They can't be had: the archive is damaged.</exception>
    public nint Source(long offset, long length)
    {
        if (fill is not null)
        {
            // No more than is wanted: what isn't there yet would be entered as zero, only to be overwritten.
            fill.Require(offset, length);
            _view.Load(offset, length);
            return _view.At(offset, length);
        }
        if (_loaded.Length == 0)
            _loaded = new int[(Length + LoadedAtOnce - 1) / LoadedAtOnce];
        for (var piece = (int)(offset / LoadedAtOnce); piece <= (int)((offset + length - 1) / LoadedAtOnce); piece++)
        {
            if (Volatile.Read(ref _loaded[piece]) != 0)
                continue;
            var start = (long)piece * LoadedAtOnce;
            _view.Load(start, Math.Min(LoadedAtOnce, Length - start));
            Volatile.Write(ref _loaded[piece], 1);
        }
        return _view.At(offset, length);
    }

    public void Dispose() => _view.Dispose();
}
