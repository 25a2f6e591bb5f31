using Stasis.Linux.Files;

namespace Stasis.Linux.Mounts;

/// <summary>
/// A folder as several layers have it, merged as overlayfs merges them, save that whiteouts are seen: what these layers together make of whatever lies beneath them.
/// </summary>
public sealed class OverlayFolder : IDisposable
{
    private static readonly Comparer<byte[]> ByBytes = Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));

    private readonly IReadOnlyList<DirectoryHandle> _layers;

    private OverlayFolder(IReadOnlyList<DirectoryHandle> layers, bool hidesBelow) => (_layers, HidesBelow) = (layers, hidesBelow);

    /// <summary>What layers beneath these have in this folder doesn't show through. Of one made new in a folder that hides what is beneath that folder tells.</summary>
    public bool HidesBelow { get; }

    /// <summary>The folder as the topmost layer that has it has it: its owner, mode and attributes are those that are seen.</summary>
    public DirectoryHandle Top => _layers[0];

    /// <summary>Opens the roots of layers, topmost first.</summary>
    public static OverlayFolder Open(IReadOnlyList<string> roots)
    {
        var layers = new List<DirectoryHandle>();
        try
        {
            layers.AddRange(roots.Select(DirectoryHandle.Open));
            return new OverlayFolder(layers, hidesBelow: false);
        }
        catch
        {
            layers.ForEach(layer => layer.Dispose());
            throw;
        }
    }

    /// <summary>The names in it, sorted by their bytes; those that a layer deletes are among them.</summary>
    public IReadOnlyList<byte[]> Names()
    {
        if (_layers.Count == 1)
            return _layers[0].Names();
        var names = new SortedSet<byte[]>(_layers.SelectMany(layer => layer.Names()), ByBytes);
        return [.. names];
    }

    /// <summary>The layer's folder that a name is seen in; null if none has it.</summary>
    public DirectoryHandle? Find(PathName name, out FileStatus status)
    {
        foreach (var layer in _layers)
        {
            if (FileStatus.TryRead(layer.Handle, name.Bytes) is not { } found)
                continue;
            status = found;
            return layer;
        }
        status = default;
        return null;
    }

    /// <summary>A folder in it; null if that isn't seen as a folder (any more).</summary>
    public OverlayFolder? TryOpenFolder(PathName name)
    {
        var layers = new List<DirectoryHandle>();
        var hides = false;
        try
        {
            foreach (var layer in _layers)
            {
                if (FileStatus.TryRead(layer.Handle, name.Bytes) is not { } status)
                    continue;
                if (!status.IsDirectory)
                {
                    hides = true;
                    break;
                }
                if (TryOpen(layer, name) is not { } opened)
                    continue;
                layers.Add(opened);
                if (hides = Overlay.IsOpaque(opened, "."))
                    break;
            }
            return layers.Count > 0 ? new OverlayFolder(layers, hides) : null;
        }
        catch
        {
            layers.ForEach(layer => layer.Dispose());
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in _layers)
            layer.Dispose();
    }

    private static DirectoryHandle? TryOpen(DirectoryHandle layer, PathName name)
    {
        try
        {
            return layer.OpenFolder(name);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null; // a container that runs has just removed it
        }
    }
}
