using System.Text;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    // Made for every container and no change of its own (Podman: libpod/diff.go).
    private static readonly HashSet<string> Unasked =
    [
        "/dev", "/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf", "/proc", "/run", "/run/.containerenv", ContainerIdentity.Folder, ContainerIdentity.Folder + "/identity.json", "/run/notify", "/run/podman-init", "/run/secrets", "/sys",
    ];

    /// <summary>
    /// The files that the container added, changed or deleted, each after the folder it is in; volumes and other mounts are not looked into. It may run
    /// meanwhile: what it does then may be among them or not.
    /// </summary>
    /// <exception cref="NotFoundException">There is no such container.</exception>
    public IReadOnlyList<FileChange> Diff(string nameOrId)
    {
        var container = Get(nameOrId);
        var changes = new List<FileChange>();
        if (Directory.Exists(_engine.Layout.Container(container.Id).Upper))
        {
            using var folder = OverlayFolder.Open(_engine.Layout.ChangedLayers(container));
            Compare(folder, [], isNew: false, new LowerLayers(_engine.Layout.ImageLayers(container)), changes);
        }
        return changes;
    }

    /// <param name="folder">What the container has of its own.</param>
    /// <param name="path">Its path, empty for the root.</param>
    /// <param name="isNew">It hides the image's of the same name, if there is one.</param>
    /// <param name="image">The image's layers.</param>
    /// <param name="changes">What was found.</param>
    private static void Compare(OverlayFolder folder, byte[] path, bool isNew, LowerLayers image, List<FileChange> changes)
    {
        var names = folder.Names();
        if (isNew)
            changes.AddRange(image.Names(path).Where(name => folder.Find(name, out _) is null).Select(name => new FileChange(ChangeKind.Deleted, Text(Join(path, name)))));
        foreach (var name in names.OrderBy(Encoding.Latin1.GetString, StringComparer.Ordinal))
        {
            if (folder.Find(name, out var status) is null)
                continue;
            var child = Join(path, name);
            var (isDeleted, isKnown) = (Overlay.IsWhiteout(status), image.Has(path, name));
            // What a checkpoint's layer had added, and the container deleted since, was never there.
            if (!Unasked.Contains(Text(child)) && (isKnown || !isDeleted))
                changes.Add(new FileChange(isDeleted ? ChangeKind.Deleted : isKnown ? ChangeKind.Changed : ChangeKind.Added, Text(child)));
            if (!status.IsDirectory || folder.TryOpenFolder(name) is not { } opened)
                continue;
            using (opened)
                Compare(opened, child, isNew || opened.HidesBelow, image, changes);
        }
    }

    private static byte[] Join(byte[] path, byte[] name) => path.Length == 0 ? name : [.. path, (byte)'/', .. name];

    private static string Text(byte[] path) => "/" + Encoding.UTF8.GetString(path);
}
