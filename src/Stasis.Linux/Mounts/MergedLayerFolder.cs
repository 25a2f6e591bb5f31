using Stasis.Linux.Files;

namespace Stasis.Linux.Mounts;

/// <summary>
/// A folder of several layers, merged as overlayfs merges them, but with whiteouts visible: what these layers together change in the layers
/// beneath them.
/// </summary>
public sealed class MergedLayerFolder : IDisposable
{
    private static readonly Comparer<byte[]> ByBytes = Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));

    private readonly IReadOnlyList<DirectoryHandle> _layers;

    private MergedLayerFolder(IReadOnlyList<DirectoryHandle> layers, bool hidesBelow) => (_layers, HidesBelow) = (layers, hidesBelow);

    /// <summary>
    /// Whether one of these layers hides this folder of the layers beneath them. False for a folder in a folder that is hidden
    /// itself, unless it has a mark of its own.
    /// </summary>
    public bool HidesBelow { get; }

    /// <summary>The folder in the topmost layer that has it. Its owner, mode and attributes are those of the merged folder.</summary>
    public DirectoryHandle Top => _layers[0];

    /// <summary>Opens the merged root folder of layers.</summary>
    /// <param name="roots">Root folders of the layers, topmost first.</param>
    public static MergedLayerFolder Open(IReadOnlyList<string> roots)
    {
        var layers = new List<DirectoryHandle>();
        try
        {
            layers.AddRange(roots.Select(DirectoryHandle.Open));
            return new MergedLayerFolder(layers, hidesBelow: false);
        }
        catch
        {
            layers.ForEach(layer => layer.Dispose());
            throw;
        }
    }

    /// <summary>All names, sorted by their bytes. Includes names that a layer deletes.</summary>
    public IReadOnlyList<byte[]> Names()
    {
        if (_layers.Count == 1)
            return _layers[0].Names();
        var names = new SortedSet<byte[]>(_layers.SelectMany(layer => layer.Names()), ByBytes);
        return [.. names];
    }

    /// <summary>The folder of the topmost layer that has a name, and the name's status there; null if no layer has it.</summary>
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

    /// <summary>Opens a merged subfolder; null if the name is no folder, or vanished meanwhile.</summary>
    public MergedLayerFolder? TryOpenFolder(PathName name)
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
            return layers.Count > 0 ? new MergedLayerFolder(layers, hides) : null;
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
            return null; // removed meanwhile by a running container
        }
    }
}
