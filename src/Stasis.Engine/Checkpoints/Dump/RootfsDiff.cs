using System.Text;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Model;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// What a container changed in its root file system, read from the overlay's upper directory: a tar of what it added or changed
/// (directories with their owner, mode and times too) and a list of what it deleted. Podman's two entries; no path is in both, so that it doesn't matter
/// that Podman applies the tar first: here deletions come first, since a folder may have become a link.
/// </summary>
internal sealed class RootfsDiff
{
    private readonly LowerLayers _image;
    private readonly HashSet<string> _mounts;
    private readonly List<byte[]> _deleted = [];

    private RootfsDiff(LowerLayers image, IEnumerable<string> mounts) =>
        (_image, _mounts) = (image, [.. mounts.Select(m => m.TrimEnd('/'))]);

    /// <summary>Writes the two files into <paramref name="folder"/>; neither where there is nothing to say.</summary>
    /// <param name="container">Its mounts hide what lies beneath them: that is left out.</param>
    /// <param name="changed">The overlay's upper directory, and beneath it the layer of the checkpoint that the container was made from, if it was.</param>
    /// <param name="image">The image's unpacked layers, topmost first.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="cancellation">Cancels it.</param>
    public static void Write(Container container, IReadOnlyList<string> changed, IReadOnlyList<string> image, CheckpointFolder folder, CancellationToken cancellation)
    {
        var diff = new RootfsDiff(new LowerLayers(image), container.Spec.Mounts?.Select(m => m.Destination) ?? []);
        using (var stream = File.Create(folder.RootfsDiff))
        {
            var tar = new TarWriter(stream);
            TarPacker.Write(tar, changed, new TarPackerOptions { Filter = diff.Choose, IncludeRoot = true, Sparse = true }, cancellation);
            tar.Finish();
        }
        using (var top = OverlayFolder.Open(changed))
            diff.FindDeletedUnderOpaque(top, [], hidden: false);
        DeletedFiles.Write(folder, diff._deleted, diff._image.IsLink);
    }

    /// <summary>Does to a mounted root file system what the container did: deletes, then adds and changes.</summary>
    public static void Apply(CheckpointFolder checkpoint, string root, string archive, CancellationToken cancellation)
    {
        using (var rooted = RootedPath.Open(root))
        {
            foreach (var path in DeletedFiles.Read(checkpoint, archive))
                rooted.Remove(path);
        }
        if (File.Exists(checkpoint.RootfsDiff))
            CheckpointFolder.ExtractTar(checkpoint.RootfsDiff, root, cancellation);
    }

    private TarPackerChoice Choose(ReadOnlySpan<byte> path, DirectoryHandle folder, ReadOnlySpan<byte> name, in FileStatus status)
    {
        if (_mounts.Contains("/" + Encoding.UTF8.GetString(path)))
            return TarPackerChoice.SkipTree;
        if (!Overlay.IsWhiteout(status))
            return TarPackerChoice.Take;
        // What a checkpoint's layer had added, and the container deleted since, the image never had.
        if (_image.Has(path[..Math.Max(path.Length - name.Length - 1, 0)].ToArray(), name))
            AddDeleted(path);
        return TarPackerChoice.Skip;
    }

    private void AddDeleted(ReadOnlySpan<byte> path) => _deleted.Add(path.ToArray());

    // An opaque directory hides all of the lower ones; Podman knows no such thing, so what it hides is listed as deleted.
    private void FindDeletedUnderOpaque(OverlayFolder changed, byte[] path, bool hidden)
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
