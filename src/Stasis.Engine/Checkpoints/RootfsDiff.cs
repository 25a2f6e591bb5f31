using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Stasis.Engine.Archive;
using Stasis.Engine.Archive.Tar;
using Stasis.Engine.Containers;
using Stasis.Linux;

namespace Stasis.Engine.Checkpoints;

/// <summary>
/// What a container changed in its root file system, read from the overlay's upper directory: a tar of what it added or changed
/// (directories with their owner, mode and times too) and a list of what it deleted. Podman's two entries; no path is in both, so that it doesn't matter
/// that Podman applies the tar first: here deletions come first, since a folder may have become a link.
/// </summary>
internal sealed class RootfsDiff
{
    private readonly IReadOnlyList<string> _lowers;
    private readonly HashSet<string> _mounts;
    private readonly List<string> _deleted = [];

    private RootfsDiff(IReadOnlyList<string> lowers, IEnumerable<string> mounts) =>
        (_lowers, _mounts) = (lowers, [.. mounts.Select(m => m.TrimEnd('/'))]);

    /// <summary>Writes the two files into <paramref name="folder"/>; neither where there is nothing to say.</summary>
    /// <param name="container">Its mounts hide what lies beneath them: that is left out.</param>
    /// <param name="upper">The overlay's upper directory.</param>
    /// <param name="lowers">The image's unpacked layers, topmost first.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="cancellation">Cancels it.</param>
    public static void Write(Container container, string upper, IReadOnlyList<string> lowers, CheckpointFolder folder, CancellationToken cancellation)
    {
        var diff = new RootfsDiff(lowers, container.Spec.Mounts?.Select(m => m.Destination) ?? []);
        using (var stream = File.Create(folder.RootfsDiff))
        {
            var tar = new TarWriter(stream);
            TreeTar.Write(tar, upper, new TreeTarOptions { Filter = diff.Choose, IncludeRoot = true, Sparse = true }, cancellation);
            tar.Finish();
        }
        using (var top = Folder.Open(upper))
            diff.FindDeletedUnderOpaque(top, [], hidden: false);
        if (diff._deleted.Count > 0)
            AtomicFile.Write(folder.DeletedFiles, JsonSerializer.SerializeToUtf8Bytes([.. diff._deleted], EngineJson.Default.StringArray), durable: false);
    }

    /// <summary>Does to a mounted root file system what the container did: deletes, then adds and changes.</summary>
    public static void Apply(CheckpointFolder checkpoint, string root, string archive, CancellationToken cancellation)
    {
        if (File.Exists(checkpoint.DeletedFiles))
        {
            using var rooted = RootedPath.Open(root);
            foreach (var path in ArchiveReader.ReadJson(archive, checkpoint.Path, ArchiveFiles.DeletedFiles, EngineJson.Default.StringArray))
                rooted.Remove(path);
        }
        if (File.Exists(checkpoint.RootfsDiff))
            CheckpointFolder.ExtractTar(checkpoint.RootfsDiff, root, cancellation);
    }

    private TreeTarChoice Choose(ReadOnlySpan<byte> path, Folder folder, ReadOnlySpan<byte> name, in FileStatus status)
    {
        if (_mounts.Contains("/" + Encoding.UTF8.GetString(path)))
            return TreeTarChoice.SkipTree;
        if (!Overlay.IsWhiteout(status))
            return TreeTarChoice.Take;
        AddDeleted(path);
        return TreeTarChoice.Skip;
    }

    // Podman's list is JSON, which can't say names that aren't UTF-8; a mangled one could be another file's. Such files come back.
    private void AddDeleted(ReadOnlySpan<byte> path)
    {
        if (Utf8.IsValid(path))
            _deleted.Add("/" + Encoding.UTF8.GetString(path));
    }

    // An opaque directory hides all of the lower ones; Podman knows no such thing, so what it hides is listed as deleted.
    private void FindDeletedUnderOpaque(Folder upper, byte[] path, bool hidden)
    {
        if (hidden)
        {
            foreach (var name in LowerNames(path).Where(name => FileStatus.TryOf(upper.Handle, name) is null))
                AddDeleted(Join(path, name));
        }
        foreach (var name in upper.Names())
        {
            var child = Join(path, name);
            if (!upper.Stat(name).IsDirectory || _mounts.Contains("/" + Encoding.UTF8.GetString(child)))
                continue;
            using var folder = upper.OpenFolder(name);
            FindDeletedUnderOpaque(folder, child, hidden || Overlay.IsOpaque(upper, name));
        }
    }

    /// <summary>The names that the layers have in a folder, seen through the whiteouts and opaque folders among them.</summary>
    private List<byte[]> LowerNames(byte[] path)
    {
        var names = new List<byte[]>();
        var decided = new HashSet<string>();
        foreach (var lower in _lowers)
        {
            using var folder = FolderIn(lower, path, out var hidesLower);
            foreach (var name in folder?.Names() ?? [])
            {
                // One character for each byte tells all names apart.
                if (decided.Add(Encoding.Latin1.GetString(name)) && !Overlay.IsWhiteout(folder!.Stat(name)))
                    names.Add(name);
            }
            if (hidesLower)
                break;
        }
        return names;
    }

    // Component by component: a link in a layer must not lead out of it, and each may hide what lower layers have.
    private static Folder? FolderIn(string lower, byte[] path, out bool hidesLower)
    {
        hidesLower = false;
        var folder = Folder.Open(lower);
        foreach (var part in path.AsSpan().Split((byte)'/'))
        {
            using var parent = folder;
            var name = path.AsSpan(part);
            var status = FileStatus.TryOf(parent.Handle, name);
            hidesLower |= status is { IsDirectory: false };
            if (status is not { IsDirectory: true })
                return null;
            hidesLower |= Overlay.IsOpaque(parent, name);
            folder = parent.OpenFolder(name);
        }
        return folder;
    }

    private static byte[] Join(byte[] path, byte[] name) => path.Length == 0 ? name : [.. path, (byte)'/', .. name];
}
