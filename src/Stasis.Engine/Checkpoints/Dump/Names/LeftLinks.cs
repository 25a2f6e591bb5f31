using System.Text;
using Stasis.Engine.Containers;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Checkpoints.Dump.Names;

/// <summary>
/// The names "link_remap.N" that CRIU gives to deleted files while it dumps. It removes them itself, unless it is killed.
/// </summary>
internal static class LeftLinks
{
    private static ReadOnlySpan<byte> Prefix => "link_remap."u8;

    /// <summary>
    /// Removes those in the root file system, /dev/shm and volumes of a running container. The files have other names still, and lose
    /// nothing.
    /// </summary>
    public static void Remove(LockedContainer locked)
    {
        var rootPath = FormattableString.Invariant($"/proc/{locked.State.Pid}/root");
        if (!Directory.Exists(rootPath))
            return; // the container has ended
        var layout = locked.Engine.Layout;
        using var root = RootedPath.Open(rootPath);
        Search(layout.ChangedLayers(locked.Container), []);
        if (Directory.Exists(locked.Paths.Shm))
            Search([locked.Paths.Shm], "/dev/shm"u8.ToArray());
        foreach (var volume in locked.Container.Config.NamedVolumes ?? [])
            Search([layout.Volume(volume.Name)], Encoding.UTF8.GetBytes(volume.Destination.TrimEnd('/')));

        void Search(IReadOnlyList<string> folders, byte[] path)
        {
            using var folder = MergedLayerFolder.Open(folders);
            SearchFolder(folder, path);
        }

        void SearchFolder(MergedLayerFolder folder, byte[] path)
        {
            foreach (var name in folder.Names())
            {
                byte[] child = [.. path, (byte)'/', .. name];
                if (folder.Find(name, out var status) is null)
                    continue;
                if (!status.IsDirectory)
                {
                    if (IsCrius(name) && root.Stat(child) is { IsDirectory: false, LinkCount: > 1 })
                        root.Remove(child);
                    continue;
                }
                using var next = folder.TryOpenFolder(name);
                if (next is not null)
                    SearchFolder(next, child);
            }
        }
    }

    private static bool IsCrius(ReadOnlySpan<byte> name) => name.StartsWith(Prefix)
        && name[Prefix.Length..] is { Length: > 0 } number && !number.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
