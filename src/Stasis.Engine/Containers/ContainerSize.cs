using Stasis.Linux;

namespace Stasis.Engine.Containers;

/// <summary>What a container takes on disk, in bytes.</summary>
/// <param name="Rw">What it added and changed.</param>
/// <param name="RootFs">That and its image.</param>
public sealed record ContainerSize(long Rw, long RootFs);

public sealed partial class ContainerManager
{
    /// <summary>Adds up the files that the container added or changed: every one of them is looked at.</summary>
    public ContainerSize SizeOf(Container container)
    {
        var upper = _engine.Layout.Container(container.Id).Upper;
        if (!Directory.Exists(upper))
            return new ContainerSize(0, _engine.Images.SizeOfLayers(container.Layers));
        using var folder = Folder.Open(upper);
        var rw = SizeOf(folder, []);
        return new ContainerSize(rw, rw + _engine.Images.SizeOfLayers(container.Layers));
    }

    // A file with several names counts once.
    private static long SizeOf(Folder folder, HashSet<ulong> seen)
    {
        long size = 0;
        foreach (var name in folder.Names())
        {
            // The container may run, and remove what was just listed.
            if (FileStatus.TryOf(folder.Handle, name) is not { } status)
                continue;
            if (status.IsRegularFile && (status.LinkCount == 1 || seen.Add(status.Inode)))
                size += status.Size;
            else if (status.IsDirectory && TryOpen(folder, name) is { } child)
            {
                using (child)
                    size += SizeOf(child, seen);
            }
        }
        return size;
    }

    private static Folder? TryOpen(Folder folder, byte[] name)
    {
        try
        {
            return folder.OpenFolder(name);
        }
        catch (LinuxException exception) when (exception.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
    }
}
