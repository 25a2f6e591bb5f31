using Stasis.Engine.Containers;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Dump.Names;

/// <summary>
/// Files that are open under a name that was deleted, and that have another one, such as POSIX semaphores (sem_open(3) creates them under
/// a temporary name). CRIU gives each a further name, "link_remap.N", for the restore to open it by. With --leave-running it removes that
/// name again before any archive is made (criu/cr-dump.c: cr_dump_finish). So the images get the name that the file has.
/// </summary>
internal static class LinkRemapNames
{
    private static readonly ImageKind Remaps = ImageKind.Get("remap-fpath");

    /// <summary>Whether there are such files.</summary>
    public static bool Any(string images) => ReadLinked(images).Any();

    /// <summary>Gives the images the names, and takes CRIU's out of them.</summary>
    /// <param name="locked">The container, whose processes are frozen.</param>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="files">The records of files.img, which are changed.</param>
    /// <param name="search">Searches the container's files.</param>
    /// <exception cref="StasisException">A file has no name that the container can see.</exception>
    public static void Rename(LockedContainer locked, string images, List<ImageRecord> files, FileSearch search)
    {
        var linked = ReadLinked(images).ToDictionary(remap => remap.U32("orig_id"), remap => remap.U32("remap_id"));
        var byMount = files.Select(file => file.Child("reg")).OfType<ImageRecord>()
            .Where(file => linked.ContainsKey(file.U32("id"))).ToLookup(file => file.ZigZag("mnt_id", -1));
        var holders = FileHolders.Find(images, linked.Keys.ToHashSet(), locked.Container);
        var names = new Dictionary<uint, byte[]>();
        foreach (var group in byMount)
        {
            if (search.FindMount(group.Key) is not { } mount)
                throw Lost(group.First(), holders);
            // CRIU has packed this one while its own names were there, and removes them from the copy.
            if (!TmpfsTarPathCheck.IsPacked(mount))
                AddNames(group, mount);
        }
        if (names.Count == 0)
            return;
        var removed = linked.Where(link => names.ContainsKey(link.Key)).Select(link => link.Value).ToHashSet();
        files.RemoveAll(file => removed.Contains(file.U32("id")));
        for (var i = 0; i < files.Count; i++)
        {
            if (names.TryGetValue(files[i].U32("id"), out var name) && files[i].Child("reg") is { } regular)
                files[i] = files[i].With("reg", regular.With("name", name));
        }
        var path = Path.Combine(images, Remaps.TheFile);
        var kept = LocalImageFile.Read(path, Remaps).Where(remap => !removed.Contains(remap.U32("remap_id")) || !IsLinked(remap)).ToList();
        LocalImageFile.Write(path, Remaps, kept);

        void AddNames(IEnumerable<ImageRecord> open, MountNode mount)
        {
            var identities = open.ToDictionary(
                file => file,
                file => holders.TryGetValue(file.U32("id"), out var holder) && FileMountStatus.TryRead(holder) is { } held
                    ? FileIdentity.FromStatus(held.Status)
                    : throw Lost(file, holders));
            var found = search.Find(mount, identities.Values.ToHashSet());
            foreach (var (file, identity) in identities)
                names[file.U32("id")] = found.TryGetValue(identity, out var name) ? name : throw Lost(file, holders);
        }
    }

    private static IEnumerable<ImageRecord> ReadLinked(string images)
    {
        var path = Path.Combine(images, Remaps.TheFile);
        return File.Exists(path) ? LocalImageFile.Read(path, Remaps).Where(IsLinked) : [];
    }

    private static bool IsLinked(ImageRecord remap) => remap.U32("remap_type") == RemapTable.Linked;

    private static StasisException Lost(ImageRecord file, Dictionary<uint, string> holders) => new(
        $"{file.Text("name")}, open at {holders.GetValueOrDefault(file.U32("id"), "a socket's queue")}, was deleted, and its other names "
        + "lie outside the container, where no checkpoint has them");
}
