using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Checks ghost files, link remaps and helpers for dead processes: files that were deleted while they were open, which CRIU recreates
/// as root, in its own mount namespace. A restore that fails can leave them behind.
/// </summary>
internal static class DeletedFileImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-ghost",
        Finds = "deleted files that no process has open, or whose content is missing; deleted files other than regular files, directories "
            + "and FIFOs, or with setuid and setgid bits; other names of deleted files than those that CRIU gives",
    };

    private const uint LastProcess = 1 << 22; // PID_MAX_LIMIT
    private const int MaxDeadProcesses = 1024; // CRIU starts a process for each

    public static void Check(ImageVerification verification)
    {
        var file = ImageKind.Get("remap-fpath").TheFile;
        var (originals, ghosts) = (new HashSet<uint>(), new Dictionary<ulong, List<uint>>());
        var named = ReadNames(verification);
        var count = 0;
        foreach (var remap in verification.Images.Read(file))
        {
            var where = $"{verification.Images.Where(file)}[{count++}]";
            var (original, id) = (remap.U32("orig_id"), remap.U32("remap_id"));
            if (!verification.Files.TryGetValue(original, out var open) || open.Type != OpenFile.Regular)
                verification.Refuse(Rule, $"{where}: orig_id", Text(original), "a deleted file that none has open");
            if (!originals.Add(original))
                verification.Refuse(Rule, $"{where}: orig_id", Text(original), "a file that is deleted twice");
            if (!remap.Has("remap_type"))
                verification.Refuse(Rule, $"{where}: remap_type", "", "it doesn't say how the file was deleted");
            switch (remap.U32("remap_type"))
            {
                case RemapTable.Ghost:
                    if (!ghosts.TryAdd(id, [original]))
                        ghosts[id].Add(original);
                    break;
                case RemapTable.Linked:
                    CheckLink(verification, where, named, original, id);
                    break;
                case RemapTable.Procfs:
                    CheckProcess(verification, where, named.GetValueOrDefault(original), id);
                    break;
                case var other:
                    verification.Refuse(Rule, $"{where}: remap_type", Text(other), "a kind of deleted file that CRIU doesn't know");
                    break;
            }
        }
        if (verification.Remaps.DeadProcesses.Count is > MaxDeadProcesses and var dead)
            verification.Refuse(
                Rule,
                verification.Images.Where(file),
                Text((uint)dead),
                $"CRIU would start a process for each of more than {MaxDeadProcesses}");
        CheckGhosts(verification, ghosts, named);
    }

    private static void CheckGhosts(
        ImageVerification verification, Dictionary<ulong, List<uint>> ghosts, Dictionary<uint, NamedFile> named)
    {
        foreach (var image in verification.Images.Files().Where(name => ImageKind.Find(name) is { Kind.Name: "ghost-file-" }))
        {
            var where = verification.Images.Where(image);
            if (!ghosts.Remove(ImageKind.Find(image)!.Value.Number, out var originals))
                verification.Refuse(Rule, where, image, "a deleted file that none has open");
            if (verification.Images.One(image) is not { } ghost)
                continue;
            CheckMode(verification, where, ghost);
            var type = ModeBits.TypeOf(ghost.U32("mode"));
            foreach (var original in originals ?? [])
            {
                if (verification.Files.TryGetValue(original, out var open) && ModeBits.TypeOf(open.Mode) != type)
                    verification.Refuse(Rule, $"{where}: mode", Text(original), "a deleted file of another type than the open one");
            }
            if (originals?.Select(original => named.GetValueOrDefault(original).Mount?.Device).Distinct().Count() > 1)
                verification.Refuse(Rule, where, Text(originals[0]), "one deleted file that lies in several file systems");
        }
        foreach (var missing in ghosts.Keys.Take(1))
            verification.Refuse(
                Rule,
                verification.Images.Where(ImageKind.Get("ghost-file-").File(missing)),
                Text((uint)missing),
                "a deleted file's content is missing");
    }

    // What a program can have deleted and still have open. CRIU would make devices for a process that may make none, and a symbolic
    // link would lead the next ghost elsewhere.
    private static void CheckMode(ImageVerification verification, string where, ImageRecord ghost)
    {
        var mode = ghost.U32("mode");
        var (type, special) = (ModeBits.TypeOf(mode), mode & (ModeBits.SetUserId | ModeBits.SetGroupId));
        if (type is not (ModeBits.Regular or ModeBits.Directory or ModeBits.Fifo) || mode > ushort.MaxValue || ghost.Has("symlnk_target"))
            verification.Refuse(
                Rule,
                $"{where}: mode",
                Octal(mode),
                $"{ModeBits.Describe(mode)}: only a file, a directory or a FIFO is restored once deleted");
        // On a directory, setgid is about the group of what is created in it.
        else if (special != 0 && !(type == ModeBits.Directory && special == ModeBits.SetGroupId))
            verification.Refuse(Rule, $"{where}: mode", Octal(mode), "CRIU would create a setuid or setgid file");
    }

    // CRIU links the name that its dump has made to the deleted file's name, and removes it when it ends: it must be CRIU's, or the
    // restore would delete any file of the container, or follow a symbolic link.
    private static void CheckLink(
        ImageVerification verification, string where, Dictionary<uint, NamedFile> named, uint original, uint target)
    {
        if (!verification.Files.TryGetValue(target, out var kept) || kept.Type != OpenFile.Regular)
        {
            verification.Refuse(Rule, $"{where}: remap_id", Text(target), "a deleted file's other name is not there");
            return;
        }
        var (deleted, link) = (named.GetValueOrDefault(original), named.GetValueOrDefault(target));
        if (deleted.Name is null || link.Name is null)
            return; // OpenFileImageRule has refused one of them
        var folder = ImagePathSyntax.IsPlain(link.Name) ? ImagePathSyntax.Parent(link.Name) : "";
        if (folder.Length == 0
            || ImagePathSyntax.LastName(link.Name) != string.Create(CultureInfo.InvariantCulture, $"link_remap.{(int)target}")
            || !ImagePathSyntax.IsWithin(deleted.Name, folder) || ImagePathSyntax.HasNameOfCriu(folder))
            verification.Refuse(
                Rule, $"{where}: remap_id", link.Name, $"CRIU doesn't give that other name to {deleted.Name}, and it would remove it");
        else if (link.Mount?.Id != deleted.Mount?.Id)
            verification.Refuse(Rule, $"{where}: remap_id", link.Name, $"it lies in another mount than {deleted.Name}");
        if (verification.Remaps.Find(target) is not null)
            verification.Refuse(Rule, $"{where}: remap_id", link.Name, "a deleted file's other name is deleted itself");
    }

    private static void CheckProcess(ImageVerification verification, string where, NamedFile file, uint id)
    {
        if (id is < 2 or > LastProcess || verification.Ids.Contains(id))
            verification.Refuse(Rule, $"{where}: remap_id", Text(id), "an ID that no dead process can have");
        var folder = string.Create(CultureInfo.InvariantCulture, $"{(file.Mount?.Point == "/" ? "" : file.Mount?.Point)}/{id}");
        if (file.Name is null || file.Mount?.FileSystem != MountNode.Proc || !ImagePathSyntax.IsWithin(file.Name, folder))
            verification.Refuse(Rule, $"{where}: orig_id", file.Name ?? "", $"it isn't a file of the dead process {id}");
    }

    // Names of deleted files, and of their other names, by ID.
    private static Dictionary<uint, NamedFile> ReadNames(ImageVerification verification)
    {
        var named = new Dictionary<uint, NamedFile>();
        foreach (var entry in verification.Images.Read(ImageKind.Get("files").TheFile))
        {
            var id = entry.U32("id");
            if (entry.Child("reg") is not { } file
                || (verification.Remaps.Find(id) is null && !verification.Remaps.LinkTargets.Contains(id)))
                continue;
            var name = file.Text("name");
            var mount = ImagePathSyntax.IsPlain(name)
                ? PathImageRule.FindMounts(verification, file.ZigZag("mnt_id", -1))?.Covering(name)
                : null;
            named[id] = new NamedFile(name, mount);
        }
        return named;
    }

    private static string Octal(uint number) => "0" + Convert.ToString(number, 8);

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);

    private readonly record struct NamedFile(string? Name, MountNode? Mount);
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck DeletedFile = Add(new(110, DeletedFileImageRule.Check, DeletedFileImageRule.Rule));
}
