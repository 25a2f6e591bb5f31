using Stasis.Linux;

namespace Stasis.Engine.Criu.LazyPages;

/// <summary>A file of pages (pages-N.img) as memory. All copies of a checkpoint take their pages out of this one view.</summary>
internal sealed class PageFile(string path) : IDisposable
{
    // The kernel copies out of mapped pages without a detour; mapping them by such pieces costs the least for each.
    private const int LoadedAtOnce = 1 << 20;

    private readonly FileView _view = FileView.Open(path);
    private int[] _loaded = [];

    /// <summary>Bytes.</summary>
    public long Length => _view.Length;

    /// <summary>Where a range of it lies in this process; its pages are there.</summary>
    public nint Source(long offset, long length)
    {
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
