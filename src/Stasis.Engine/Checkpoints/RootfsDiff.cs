using System.Text;
using System.Text.Json;
using Stasis.Engine.Archive;
using Stasis.Engine.Archive.Tar;
using Stasis.Engine.Containers;
using Stasis.Linux;

namespace Stasis.Engine.Checkpoints;

/// <summary>
/// What a container changed in its root file system, read from the overlay's upper directory: a tar of what it added or changed
/// (directories with their owner, mode and times too) and a list of what it deleted. Podman's two entries, so applied the way Podman applies them:
/// what is in the tar is complete, and what is deleted is listed by name.
/// </summary>
internal sealed class RootfsDiff
{
    private readonly string _upper;
    private readonly IReadOnlyList<string> _lowers;
    private readonly HashSet<string> _mounts;
    private readonly List<string> _deleted = [];

    private RootfsDiff(string upper, IReadOnlyList<string> lowers, IEnumerable<string> mounts) =>
        (_upper, _lowers, _mounts) = (upper, lowers, [.. mounts.Select(m => m.TrimEnd('/'))]);

    /// <summary>Writes the two files into <paramref name="folder"/>; neither where there is nothing to say.</summary>
    /// <param name="container">Its mounts hide what lies beneath them: that is left out.</param>
    /// <param name="upper">The overlay's upper directory.</param>
    /// <param name="lowers">The image's unpacked layers, topmost first.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="cancellation">Cancels it.</param>
    public static void Write(Container container, string upper, IReadOnlyList<string> lowers, CheckpointFolder folder, CancellationToken cancellation)
    {
        var diff = new RootfsDiff(upper, lowers, container.Spec.Mounts?.Select(m => m.Destination) ?? []);
        using (var stream = File.Create(folder.RootfsDiff))
        {
            var tar = new TarWriter(stream);
            TreeTar.Write(tar, upper, new TreeTarOptions { Filter = diff.Choose, IncludeRoot = true }, cancellation);
            tar.Finish();
        }
        diff.FindDeletedUnderOpaque("", hidden: false);
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
        var absolute = "/" + Encoding.UTF8.GetString(path);
        if (_mounts.Contains(absolute))
            return TreeTarChoice.SkipTree;
        if (!Overlay.IsWhiteout(status))
            return TreeTarChoice.Take;
        _deleted.Add(absolute);
        return TreeTarChoice.Skip;
    }

    // An opaque directory hides all of the lower ones; Podman knows no such thing, so what it hides is listed as deleted.
    private void FindDeletedUnderOpaque(string path, bool hidden)
    {
        foreach (var entry in new DirectoryInfo(Path.Combine(_upper, path)).EnumerateDirectories())
        {
            if (entry.LinkTarget is not null)
                continue;
            var child = path.Length == 0 ? entry.Name : $"{path}/{entry.Name}";
            if (_mounts.Contains("/" + child))
                continue;
            var opaque = hidden || Overlay.IsOpaque(entry.FullName);
            if (opaque)
                _deleted.AddRange(LowerNames(child).Where(name => !Exists(Path.Combine(_upper, child, name))).Select(name => $"/{child}/{name}"));
            FindDeletedUnderOpaque(child, opaque);
        }
    }

    /// <summary>The names that the layers have in a folder, seen through the whiteouts and opaque folders among them.</summary>
    private HashSet<string> LowerNames(string path)
    {
        var names = new HashSet<string>();
        var gone = new HashSet<string>();
        foreach (var lower in _lowers)
        {
            if (FolderIn(lower, path) is not { } directory)
                continue;
            foreach (var entry in Directory.EnumerateFileSystemEntries(directory))
            {
                var name = Path.GetFileName(entry);
                if (Overlay.IsWhiteout(FileStatus.Of(entry)))
                    gone.Add(name);
                else if (!gone.Contains(name))
                    names.Add(name);
            }
            if (Overlay.IsOpaque(directory))
                break;
        }
        return names;
    }

    // Component by component: a link in a layer must not lead out of it.
    private static string? FolderIn(string lower, string path)
    {
        var directory = lower;
        foreach (var name in path.Split('/'))
        {
            directory = Path.Combine(directory, name);
            if (FileStatus.TryOf(directory) is not { IsDirectory: true })
                return null;
        }
        return directory;
    }

    private static bool Exists(string path) => FileStatus.TryOf(path) is not null;
}
