using Stasis.Engine.Model;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>Adds up the sizes of the files that a container added or changed. Reads the status of each of them.</summary>
    public ContainerSize GetSize(Container container)
    {
        if (!Directory.Exists(_engine.Layout.Container(container.Id).Upper))
            return new ContainerSize(0, _engine.Images.SizeOfLayers(container.Layers));
        using var folder = MergedLayerFolder.Open(_engine.Layout.ChangedLayers(container));
        var rw = GetSize(folder, []);
        return new ContainerSize(rw, rw + _engine.Images.SizeOfLayers(container.Layers));
    }

    // A file with several names counts once.
    private static long GetSize(MergedLayerFolder folder, HashSet<ulong> seen)
    {
        long size = 0;
        foreach (var name in folder.Names())
        {
            // The container may run, and delete files that were just listed.
            if (folder.Find(name, out var status) is null)
                continue;
            if (status.IsRegularFile && (status.LinkCount == 1 || seen.Add(status.Inode)))
                size += status.Size;
            else if (status.IsDirectory && folder.TryOpenFolder(name) is { } child)
            {
                using (child)
                    size += GetSize(child, seen);
            }
        }
        return size;
    }
}
