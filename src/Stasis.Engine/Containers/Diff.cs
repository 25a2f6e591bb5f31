using System.Text;
using Stasis.Linux;

namespace Stasis.Engine.Containers;

/// <summary>What became of a file since the image.</summary>
public enum ChangeKind
{
    /// <summary>It, or something in it, is another than in the image.</summary>
    Changed,
    /// <summary>The image doesn't have it.</summary>
    Added,
    /// <summary>The image has it, the container doesn't.</summary>
    Deleted,
}

/// <summary>A file or folder that isn't as in the image.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Path">Absolute, as in the container; bytes that aren't UTF-8 are replaced.</param>
public sealed record FileChange(ChangeKind Kind, string Path);

public sealed partial class ContainerManager
{
    // Made for every container and no change of its own (Podman: libpod/diff.go).
    private static readonly HashSet<string> Unasked =
    [
        "/dev", "/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf", "/proc", "/run", "/run/.containerenv", "/run/notify", "/run/podman-init", "/run/secrets", "/sys",
    ];

    /// <summary>
    /// The files that the container added, changed or deleted, each after the folder it is in; volumes and other mounts are not looked into. It may run
    /// meanwhile: what it does then may be among them or not.
    /// </summary>
    /// <exception cref="NotFoundException">There is no such container.</exception>
    public IReadOnlyList<FileChange> Diff(string nameOrId)
    {
        var container = Get(nameOrId);
        var upper = _engine.Layout.Container(container.Id).Upper;
        var changes = new List<FileChange>();
        if (Directory.Exists(upper))
        {
            using var folder = Folder.Open(upper);
            Compare(folder, [], isNew: false, new LowerLayers([.. container.Layers.Reverse().Select(_engine.Layout.Layer)]), changes);
        }
        return changes;
    }

    /// <param name="folder">In the overlay's upper directory.</param>
    /// <param name="path">Its path, empty for the root.</param>
    /// <param name="isNew">It hides the image's of the same name, if there is one.</param>
    /// <param name="image">The image's layers.</param>
    /// <param name="changes">What was found.</param>
    private static void Compare(Folder folder, byte[] path, bool isNew, LowerLayers image, List<FileChange> changes)
    {
        var names = folder.Names();
        if (isNew)
            changes.AddRange(image.Names(path).Where(name => FileStatus.TryOf(folder.Handle, name) is null).Select(name => new FileChange(ChangeKind.Deleted, Text(Join(path, name)))));
        foreach (var name in names.OrderBy(Encoding.Latin1.GetString, StringComparer.Ordinal))
        {
            if (FileStatus.TryOf(folder.Handle, name) is not { } status)
                continue;
            var child = Join(path, name);
            if (!Unasked.Contains(Text(child)))
                changes.Add(new FileChange(Overlay.IsWhiteout(status) ? ChangeKind.Deleted : image.Has(path, name) ? ChangeKind.Changed : ChangeKind.Added, Text(child)));
            if (!status.IsDirectory || TryOpen(folder, name) is not { } opened)
                continue;
            using (opened)
                Compare(opened, child, isNew || Overlay.IsOpaque(folder, name), image, changes);
        }
    }

    private static byte[] Join(byte[] path, byte[] name) => path.Length == 0 ? name : [.. path, (byte)'/', .. name];

    private static string Text(byte[] path) => "/" + Encoding.UTF8.GetString(path);
}
