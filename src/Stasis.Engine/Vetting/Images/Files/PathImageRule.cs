using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Requires that every path in the images is one that the kernel reports of such a file: absolute, without "." and "..", in the mount
/// that covers it, and not one of CRIU's own temporary names. Whether it leads through symbolic links is seen when the root file system
/// is mounted. The check of this rule itself collects what mounts name; other checks pass the paths that they find.
/// </summary>
internal static class PathImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-path",
        Finds = "paths that the kernel doesn't report of such a file: with `..`, in another mount than the one that covers them, or "
            + "with names that CRIU gives to its own temporary files; sockets and deleted files where the container can't write. Once the "
            + "root file system is mounted: paths through symbolic links, and files that are missing or of another type",
    };

    private const int MaxSuffixLength = 40; // of the names that CRIU makes of a deleted file's: ".cr.ffffffff.ghost", ".criu-sk-ghost"

    /// <summary>Collects and judges the places of mounts, and the parts of file systems that they show.</summary>
    public static void Check(ImageVerification verification)
    {
        foreach (var file in verification.Images.Files().Where(file => ImageKind.Find(file) is { Kind.Name: "mountpoints-" }))
        {
            var index = 0;
            var image = verification.Images.Where(file);
            foreach (var record in verification.Images.Read(file))
            {
                var mount = MountNode.FromRecord(record, 0, $"{image}[{index}]");
                if (!verification.Paths.Namespaces.TryGetValue(mount.Id, out var mounts))
                    return; // two namespaces with one ID: MountTreeImageRule refuses it
                if (!mount.IsRoot)
                    AddMount(verification, image, index, record, mount, mounts);
                index++;
            }
        }
    }

    /// <summary>Judges a path, and keeps it for the check against the mounted root file system.</summary>
    /// <returns>The mount that the path lies in; null if the path is refused, or the mount can't be known.</returns>
    public static MountNode? Add(ImageVerification verification, ImagePathField path)
    {
        var text = path.Text;
        var longest = path.Use is PathUse.Ghost or PathUse.Linked or PathUse.DeletedSocket ? 4095 - MaxSuffixLength : 4095;
        if (path.Bytes.Length > longest || !ImagePathSyntax.IsPlain(text))
        {
            verification.Refuse(Rule, path.Where, text, "a path that climbs, is too long, or isn't absolute");
            return null;
        }
        if (ImagePathSyntax.HasNameOfCriu(text))
        {
            verification.Refuse(Rule, path.Where, text, "it has a name that CRIU gives to its own files while it restores");
            return null;
        }
        return Keep(verification, path, text);
    }

    /// <summary>As <see cref="Add"/>, for a name that CRIU has made, and that the caller has judged.</summary>
    public static MountNode? AddOwnNameOfCriu(ImageVerification verification, ImagePathField path) => Keep(verification, path, path.Text);

    /// <summary>Judges the place of something that CRIU creates for the container: it could have created that itself.</summary>
    public static void RequireWritable(ImageVerification verification, string where, string path, MountNode mount)
    {
        if (path == mount.Point)
            verification.Refuse(Rule, where, path, "it is where a file system is mounted, and can't have been deleted or created");
        else if (KernelFileImageRule.IsKernels(mount.FileSystem))
            verification.Refuse(Rule, where, path, $"CRIU would create it in a file system of the kernel's, at {mount.Point}");
        else if (verification.SpecWriteAccess.IsReadOnly(path, mount))
            verification.Refuse(Rule, where, path, $"CRIU would create it where the container can't write, in {mount.Point}");
        else if (mount.IsExternal && verification.SpecWriteAccess.Find(mount) is null)
            verification.Refuse(Rule, where, path, $"CRIU would create it in a mount that the spec doesn't have, {mount.Point}");
    }

    private static MountNode? Keep(ImageVerification verification, ImagePathField path, string text)
    {
        var mount = path.FollowsLinks ? null : path.Mounts.Covering(text);
        if (!verification.Paths.TryAdd(path with { Mount = mount }))
        {
            ImagePathList.RefuseMore(verification, Rule, path.Where);
            return null;
        }
        return mount;
    }

    private static void AddMount(
        ImageVerification verification, string image, int index, ImageRecord record, MountNode mount, MountPointIndex mounts)
    {
        var path = new ImagePathField
        {
            Image = image,
            Index = index,
            Field = "mountpoint",
            Bytes = record.Bytes("mountpoint").ToArray(),
            Use = PathUse.MountPoint,
            Mounts = mounts,
        };
        if (!IsDecoded(mount.Point) || !IsDecoded(mount.Root))
            verification.Refuse(Rule, path.Where, mount.Point, "a mount's path that isn't UTF-8");
        // MountTreeImageRule judges the text of both paths.
        if (!ImagePathSyntax.IsPlain(mount.Point))
            return;
        if (ImagePathSyntax.HasNameOfCriu(mount.Point) || ImagePathSyntax.HasNameOfCriu(mount.Root))
            verification.Refuse(Rule, path.Where, mount.Point, "it has a name that CRIU gives to its own files while it restores");
        var above = mounts.Above(mount);
        if (!verification.Paths.TryAdd(path with { Mount = above }))
            ImagePathList.RefuseMore(verification, Rule, path.Where);
        if (mount.IsExternal || mount.Root == "/" || !ImagePathSyntax.IsPlain(mount.Root)
            || KernelFileImageRule.IsKernels(mount.FileSystem))
            return;
        var root = path with { Field = "root", Bytes = record.Bytes("root").ToArray(), Use = PathUse.MountRoot, Mount = mount };
        if (!verification.Paths.TryAdd(root))
            ImagePathList.RefuseMore(verification, Rule, path.Where);
    }

    private static bool IsDecoded(string text) => !text.Contains('\uFFFD', StringComparison.Ordinal);

    /// <summary>The mount namespace of a file that names a mount; the first one if it names none. Null if there is no such mount.</summary>
    public static MountPointIndex? FindMounts(ImageVerification verification, long mount) => mount == -1
        ? verification.Paths.First
        : mount is >= 0 and <= uint.MaxValue ? verification.Paths.Namespaces.GetValueOrDefault((uint)mount) : null;

    /// <summary>A mount's ID in messages.</summary>
    public static string Text(long mount) => mount.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck Path = Add(new(86, PathImageRule.Check, PathImageRule.Rule));
}
