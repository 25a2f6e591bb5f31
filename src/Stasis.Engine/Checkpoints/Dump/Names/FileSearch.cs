using System.Text;
using Stasis.Engine.Containers;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Checkpoints.Dump.Names;

/// <summary>
/// Finds files of a frozen container by their inode numbers, in the mount namespace of its first process. Of the root file system, only
/// what the container has changed is looked through: a file of the image has no name that the container gave it.
/// </summary>
internal sealed class FileSearch : IDisposable
{
    private readonly IReadOnlyList<string> _changed;
    private readonly string _rootPath;
    private readonly RootedPath _root;
    private readonly CancellationToken _cancellation;

    /// <param name="locked">The container.</param>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="cancellation">Ends a search.</param>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public FileSearch(LockedContainer locked, string images, CancellationToken cancellation)
    {
        Mounts = ReadMounts(images);
        _changed = locked.Engine.Layout.ChangedLayers(locked.Container);
        _rootPath = FormattableString.Invariant($"/proc/{locked.State.Pid}/root");
        _root = RootedPath.Open(_rootPath);
        _cancellation = cancellation;
    }

    /// <summary>The mounts.</summary>
    public MountPointIndex Mounts { get; }

    /// <summary>A mount by its ID; null if it isn't in this namespace.</summary>
    public MountNode? FindMount(long id) => Mounts.All.FirstOrDefault(mount => mount.Id == id);

    /// <summary>The status of a path; null if there is none. Symbolic links are followed.</summary>
    public FileStatus? Stat(ReadOnlySpan<byte> path) => _root.TryFind(path)?.Status;

    /// <summary>A path of each of these files, absolute within the container; of one with several names, the first one.</summary>
    public Dictionary<FileIdentity, byte[]> Find(MountNode mount, IReadOnlySet<FileIdentity> files)
    {
        var found = new Dictionary<FileIdentity, byte[]>();
        using var folder = MergedLayerFolder.Open(mount.IsRoot ? _changed : [_rootPath + mount.Point]);
        Search(folder, mount.IsRoot ? [] : Encoding.UTF8.GetBytes(mount.Point));
        return found;

        void Search(MergedLayerFolder folder, byte[] path)
        {
            foreach (var name in folder.Names())
            {
                _cancellation.ThrowIfCancellationRequested();
                if (found.Count == files.Count)
                    return;
                byte[] child = [.. path, (byte)'/', .. name];
                if (folder.Find(name, out var status) is null || Mounts.Covering(Encoding.UTF8.GetString(child))?.Id != mount.Id)
                    continue;
                if (status.IsDirectory)
                {
                    using var next = folder.TryOpenFolder(name);
                    if (next is not null)
                        Search(next, child);
                }
                // The overlay can show a file with another number than its layer has.
                else if (!Overlay.IsWhiteout(status) && _root.Stat(child) is { } shown
                    && FileIdentity.FromStatus(shown) is var identity && files.Contains(identity))
                    found.TryAdd(identity, child);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private static MountPointIndex ReadMounts(string images)
    {
        var (tree, ids, mounts) = (ImageKind.Get("pstree"), ImageKind.Get("ids-"), ImageKind.Get("mountpoints-"));
        var first = LocalImageFile.Read(Path.Combine(images, tree.TheFile), tree)[0].U32("pid");
        var space = LocalImageFile.Read(Path.Combine(images, ids.File(first)), ids)[0].U32("mnt_ns_id");
        var file = mounts.File(space);
        return new MountPointIndex(
            [.. LocalImageFile.Read(Path.Combine(images, file), mounts).Select(mount => MountNode.FromRecord(mount, space, file))]);
    }
}
