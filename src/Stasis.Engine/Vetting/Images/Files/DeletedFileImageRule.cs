using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Checks ghost files and link remaps: files that were deleted while they were open, which CRIU recreates as
/// root. Devices among them must be the container's.
/// </summary>
internal static class DeletedFileImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-ghost",
        Finds = "deleted files that no process has open, or whose content is missing",
    };

    private const uint Linked = 0, Ghost = 1, Procfs = 2; // enum remap_type
    private const uint TypeMask =
        0xF000, Character = 0x2000, Block = 0x6000, Link = 0xA000, Regular = 0x8000, Folder = 0x4000, Fifo = 0x1000, Socket = 0xC000;

    public static void Check(ImageVerification verification)
    {
        var file = ImageKind.Get("remap-fpath").TheFile;
        var ghosts = new HashSet<ulong>();
        var count = 0;
        foreach (var remap in verification.Images.Read(file))
        {
            var where = $"{verification.Images.Where(file)}[{count++}]";
            if (!verification.Files.TryGetValue(remap.U32("orig_id"), out var original)
                || original.Type is not (OpenFile.Regular or OpenFile.UnixSocket))
                verification.Refuse(Rule, $"{where}: orig_id", Text(remap.U32("orig_id")), "a deleted file that none has open");
            switch (remap.U32("remap_type"))
            {
                case Ghost:
                    ghosts.Add(remap.U32("remap_id"));
                    break;
                case Linked when !verification.Files.TryGetValue(remap.U32("remap_id"), out var kept) || kept.Type != OpenFile.Regular:
                    verification.Refuse(
                        Rule,
                        $"{where}: remap_id",
                        Text(remap.U32("remap_id")),
                        "a deleted file's other name is not there");
                    break;
                case Linked or Procfs:
                    break;
                case var other:
                    verification.Refuse(Rule, $"{where}: remap_type", Text(other), "a kind of deleted file that CRIU doesn't know");
                    break;
            }
        }
        foreach (var image in verification.Images.Files().Where(name => ImageKind.Find(name) is { Kind.Name: "ghost-file-" }))
        {
            if (!ghosts.Remove(ImageKind.Find(image)!.Value.Number))
                verification.Refuse(Rule, verification.Images.Where(image), image, "a deleted file that none has open");
            if (verification.Images.One(image) is { } ghost)
                CheckGhost(verification, verification.Images.Where(image), ghost);
        }
        foreach (var missing in ghosts.Take(1))
            verification.Refuse(
                Rule,
                verification.Images.Where(ImageKind.Get("ghost-file-").File(missing)),
                Text((uint)missing),
                "a deleted file's content is missing");
    }

    private static void CheckGhost(ImageVerification verification, string where, ImageRecord ghost)
    {
        var mode = ghost.U32("mode");
        switch (mode & TypeMask)
        {
            case Character or Block:
                var (type, number) = ((mode & TypeMask) == Block ? 'b' : 'c', ghost.U32("rdev"));
                // The kernel's 32-bit form, which mknod takes (linux/kdev_t.h: new_encode_dev).
                var (major, minor) = ((number & 0xfff00) >> 8, (number & 0xff) | ((number >> 12) & 0xfff00));
                if (!verification.Allowed.Devices.Has(type, major, minor))
                    verification.Refuse(
                        DeviceList.Rule,
                        $"{where}: rdev",
                        $"{type} {Text(major)}:{Text(minor)}",
                        "CRIU would make a device that the spec doesn't give the container");
                break;
            case Regular or Folder or Fifo or Link or Socket:
                break;
            default:
                verification.Refuse(Rule, $"{where}: mode", Text(mode), "no kind of file");
                break;
        }
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageRules
{
    internal static readonly ImageCheck DeletedFile = Add(new(110, DeletedFileImageRule.Check, DeletedFileImageRule.Rule));
}
