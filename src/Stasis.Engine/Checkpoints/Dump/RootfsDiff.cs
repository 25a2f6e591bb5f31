using System.Text;
using Stasis.Engine.Archive;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Model;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// The changes of a container to its root file system, read from the overlay's upper directory: a tar of what was added or
/// changed (directories with their owner, mode and times too), and a list of what was deleted. These are Podman's two archive
/// entries. No path is in both, so that the order of applying them doesn't matter to Podman, which applies the tar first. Stasis
/// deletes first, since a folder may have become a link.
/// </summary>
internal sealed class RootfsDiff
{
    private readonly LowerLayersView _image;
    private readonly HashSet<string> _mounts;
    private readonly List<byte[]> _deleted = [];

    private RootfsDiff(LowerLayersView image, IEnumerable<string> mounts) =>
        (_image, _mounts) = (image, [.. mounts.Select(m => m.TrimEnd('/'))]);

    /// <summary>Writes the tar, and the lists of deleted files that aren't empty, into <paramref name="folder"/>.</summary>
    /// <param name="container">The container. Files beneath its mounts are left out: the mounts hide them.</param>
    /// <param name="changed">
    /// The overlay's upper directory, then the layer of the checkpoint that the container was made from, if any.
    /// </param>
    /// <param name="image">The image's unpacked layers, topmost first.</param>
    /// <param name="folder">The dump.</param>
    /// <param name="cancellation">A cancelled call leaves a part of the tar.</param>
    public static void Write(
        Container container,
        IReadOnlyList<string> changed,
        IReadOnlyList<string> image,
        CheckpointEntryPaths folder,
        CancellationToken cancellation)
    {
        var diff = new RootfsDiff(new LowerLayersView(image), container.Spec.Mounts?.Select(m => m.Destination) ?? []);
        using (var stream = File.Create(folder.RootfsDiff))
        {
            var tar = new TarWriter(stream);
            TarPacker.Write(tar, changed, new TarPackerOptions { Filter = diff.Choose, IncludeRoot = true, Sparse = true }, cancellation);
            tar.Finish();
        }
        using (var top = MergedLayerFolder.Open(changed))
            diff.FindDeletedUnderOpaque(top, [], hidden: false);
        DeletedFileLists.Write(folder, diff._deleted, diff._image.IsLink);
    }

    /// <summary>Applies the changes to a mounted root file system: deletes, then adds and changes files.</summary>
    public static void Apply(CheckpointEntryPaths checkpoint, string root, string archive, CancellationToken cancellation)
    {
        using (var rooted = RootedPath.Open(root))
        {
            foreach (var path in DeletedFileLists.Read(checkpoint, archive))
                rooted.Remove(path);
        }
        if (File.Exists(checkpoint.RootfsDiff))
            CheckpointEntryPaths.ExtractTar(checkpoint.RootfsDiff, root, cancellation);
    }

    private TarPackerChoice Choose(ReadOnlySpan<byte> path, DirectoryHandle folder, ReadOnlySpan<byte> name, in FileStatus status)
    {
        if (_mounts.Contains("/" + Encoding.UTF8.GetString(path)))
            return TarPackerChoice.SkipTree;
        if (!Overlay.IsWhiteout(status))
            return TarPackerChoice.Take;
        // A file that the checkpoint's layer had added, and that the container deleted since, was never in the image.
        if (_image.Has(path[..Math.Max(path.Length - name.Length - 1, 0)].ToArray(), name))
            AddDeleted(path);
        return TarPackerChoice.Skip;
    }

    private void AddDeleted(ReadOnlySpan<byte> path) => _deleted.Add(path.ToArray());

    // An opaque directory hides the lower directories of its path. Podman's format has no such thing: the hidden files are listed
    // as deleted.
    private void FindDeletedUnderOpaque(MergedLayerFolder changed, byte[] path, bool hidden)
    {
        if (hidden)
        {
            foreach (var name in _image.Names(path).Where(name => changed.Find(name, out _) is null))
                AddDeleted(Join(path, name));
        }
        foreach (var name in changed.Names())
        {
            var child = Join(path, name);
            if (_mounts.Contains("/" + Encoding.UTF8.GetString(child)))
                continue;
            using var folder = changed.TryOpenFolder(name);
            if (folder is not null)
                FindDeletedUnderOpaque(folder, child, hidden || folder.HidesBelow);
        }
    }

    private static byte[] Join(byte[] path, byte[] name) => path.Length == 0 ? name : [.. path, (byte)'/', .. name];
}
