using System.Text;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    // Created for every container, and so no change of its own (Podman: libpod/diff.go).
    private static readonly HashSet<string> EngineFiles =
    [
        "/dev", "/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf", "/proc", "/run", "/run/.containerenv",
        IdentityFile.Folder, IdentityFile.Folder + "/identity.json", "/run/notify", "/run/podman-init", "/run/secrets", "/sys",
    ];

    /// <summary>
    /// Lists the files that a container added, changed or deleted, each after the folder that holds it. Volumes and other mounts
    /// are left out. The container may run: changes that it makes meanwhile may be listed or not.
    /// </summary>
    /// <exception cref="NotFoundException">There is no such container.</exception>
    public IReadOnlyList<FileChange> Diff(string nameOrId)
    {
        var container = Get(nameOrId);
        var changes = new List<FileChange>();
        if (Directory.Exists(_engine.Layout.Container(container.Id).Upper))
        {
            using var folder = MergedLayerFolder.Open(_engine.Layout.ChangedLayers(container));
            Compare(folder, [], isNew: false, new LowerLayersView(_engine.Layout.ImageLayers(container)), changes);
        }
        return changes;
    }

    /// <param name="folder">A folder in the container's own layers.</param>
    /// <param name="path">The folder's path, empty for the root.</param>
    /// <param name="isNew">The folder hides the image's folder of the same path, if there is one.</param>
    /// <param name="image">The image's layers.</param>
    /// <param name="changes">Receives the changes.</param>
    private static void Compare(MergedLayerFolder folder, byte[] path, bool isNew, LowerLayersView image, List<FileChange> changes)
    {
        var names = folder.Names();
        if (isNew)
        {
            var hidden = image.Names(path).Where(name => folder.Find(name, out _) is null);
            changes.AddRange(hidden.Select(name => new FileChange(ChangeKind.Deleted, ToText(Join(path, name)))));
        }
        foreach (var name in names.OrderBy(Encoding.Latin1.GetString, StringComparer.Ordinal))
        {
            if (folder.Find(name, out var status) is null)
                continue;
            var child = Join(path, name);
            var (isDeleted, isKnown) = (Overlay.IsWhiteout(status), image.Has(path, name));
            // A file that a checkpoint's layer had added, and that the container deleted since, was never in the image.
            var kind = isDeleted ? ChangeKind.Deleted : isKnown ? ChangeKind.Changed : ChangeKind.Added;
            if (!EngineFiles.Contains(ToText(child)) && (isKnown || !isDeleted))
                changes.Add(new FileChange(kind, ToText(child)));
            if (!status.IsDirectory || folder.TryOpenFolder(name) is not { } opened)
                continue;
            using (opened)
                Compare(opened, child, isNew || opened.HidesBelow, image, changes);
        }
    }

    private static byte[] Join(byte[] path, byte[] name) => path.Length == 0 ? name : [.. path, (byte)'/', .. name];

    private static string ToText(byte[] path) => "/" + Encoding.UTF8.GetString(path);
}
