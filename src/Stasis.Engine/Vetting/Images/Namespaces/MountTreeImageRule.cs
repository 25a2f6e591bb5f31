using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// Requires that the mount tree is the one that the spec implies: what the runtime makes of its mounts, masked and read-only paths, and
/// nothing else. What CRIU does with each field of a mount is in criu/mount.c and mount-v2.c.
/// </summary>
internal static class MountTreeImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-mount",
        Finds = "mounts other than those that the runtime makes for the spec: another place, parent, file system, source, root, option or "
            + "flag, fewer restrictions, a place twice or missing, a key that isn't the runtime's, a device number that is also "
            + "another mount's, deleted mount roots",
        Allow = "`submount:/data/sub` for a tmpfs within a bind mount of the host; nothing for the rest",
        AllowName = "submount",
    };

    private const int MaxMounts = 10_000, MaxUnknown = 200;

    // What CRIU reads from mountinfo (criu/proc_parse.c: mnt_opt2flag, sb_opt2flag), with noatime, nodiratime, relatime and strictatime;
    // sync, dirsync and mand. It hands both to mount(2), where further flags would bind, move or remount.
    private const uint KnownFlags = MountNode.ReadOnly | MountNode.NoSuid | MountNode.NoDev | MountNode.NoExec | MountNode.Unbindable
        | MountNode.Slave | MountNode.Shared | (1 << 10) | (1 << 11) | (1 << 21) | (1 << 24);

    private const uint KnownFileSystemFlags = MountNode.ReadOnly | (1 << 4) | (1 << 6) | (1 << 7);

    // Fields with which CRIU takes a mount from elsewhere than from the runtime or from the kernel.
    private static readonly (string Field, string Why)[] Unused =
    [
        ("with_plugin", "CRIU would leave the mount to a plug-in"),
        ("ext_mount", "a key in the place of the mount's root, as CRIU before 2.0 wrote it"),
        ("fsname", "CRIU would mount a file system of that name"),
        ("deleted", "CRIU would make the deleted folder or file that is mounted there anew, outside of the container"),
    ];

    public static void Check(ImageVerification verification)
    {
        var files = verification.Images.Files()
            .Select(file => (File: file, Found: ImageKind.Find(file)))
            .Where(entry => entry.Found is { Kind.Name: "mountpoints-" })
            .Select(entry => (entry.File, entry.Found!.Value.Number))
            .ToList();
        // The container's own namespace first: mounts of others are compared with its.
        var own = verification.Namespaces?.Number("mnt_ns_id") ?? files.Select(file => file.Number).DefaultIfEmpty().Min();
        MountTree? tree = null;
        var form = new CriuMadeMountCheck(verification);
        foreach (var (file, number) in files.OrderBy(file => file.Number == own ? 0 : 1))
        {
            var mounts = Read(verification, file, number);
            if (number == own)
                tree = CheckOwn(verification, form, file, mounts);
            else
                NestedMountNamespaceCheck.Check(verification, form, file, mounts, tree);
        }
    }

    /// <summary>Returns the mounts of an image whose fields have the form that CRIU writes; refuses the others.</summary>
    private static List<MountNode> Read(ImageVerification verification, string file, ulong number)
    {
        var mounts = new List<MountNode>();
        var count = 0;
        foreach (var record in verification.Images.Read(file))
        {
            var mount = MountNode.FromRecord(record, number, $"{verification.Images.Where(file)}[{count}]");
            count++;
            if (verification.Mounts.Count >= MaxMounts || count > MaxMounts)
            {
                verification.Refuse(Rule, mount.Where, Text(MaxMounts), "so many mounts no container has");
                break;
            }
            if (mount.Id == 0 || !verification.Mounts.TryAdd(mount.Id, mount))
                verification.Refuse(Rule, $"{mount.Where}: mnt_id", Text(mount.Id), "no ID of a mount, or one that two mounts have");
            if (HasForm(verification, mount, record))
                mounts.Add(mount);
        }
        return mounts;
    }

    private static bool HasForm(ImageVerification verification, MountNode mount, ImageRecord record)
    {
        foreach (var (field, why) in Unused)
        {
            if (!record.Has(field) || (field == "deleted" && record.Number(field) == 0))
                continue;
            verification.Refuse(Rule, $"{mount.Where}: {field}", mount.Point, why);
            return false;
        }
        if (!ImagePathSyntax.IsPlain(mount.Point) || !ImagePathSyntax.IsPlain(mount.Root))
            verification.Refuse(Rule, mount.Where, $"{mount.Root} on {mount.Point}", "a path that climbs, or isn't absolute");
        else if (mount.FileSystem is > MountNode.LastFileSystem or MountNode.Auto)
            verification.Refuse(
                Rule,
                $"{mount.Where}: fstype",
                $"{mount.FileSystem} on {mount.Point}",
                "a type that CRIU writes for no container");
        else if ((mount.Flags & ~KnownFlags) is var flags and not 0)
            verification.Refuse(
                Rule,
                $"{mount.Where}: flags",
                $"{flags:x} on {mount.Point}",
                "the kernel reports no such flags of a mount");
        else if (mount.FileSystemFlags is not { } own)
            verification.Refuse(Rule, $"{mount.Where}: sb_flags", mount.Point, "CRIU would take them from the mount's flags");
        else if ((own & ~KnownFileSystemFlags) is var others and not 0)
            verification.Refuse(
                Rule,
                $"{mount.Where}: sb_flags",
                $"{others:x} on {mount.Point}",
                "the kernel reports no such flags of a file system, and with them CRIU would bind, move or remount something else");
        else
            return true;
        return false;
    }

    private static MountTree CheckOwn(ImageVerification verification, CriuMadeMountCheck form, string file, List<MountNode> mounts)
    {
        var tree = new MountTree(mounts);
        if (tree.At("/") is null)
            verification.Refuse(Rule, verification.Images.Where(file), "/", "there is no root");
        foreach (var mount in mounts)
            CheckPlace(verification, mount, tree);
        var comparison = new MountComparison(verification, form, new ExpectedMounts(verification.Allowed.Spec), tree, mounts);
        var unknown = 0;
        foreach (var mount in mounts)
        {
            if (comparison.Check(mount) || unknown++ < MaxUnknown)
                continue;
            verification.Refuse(
                Rule,
                verification.Images.Where(file),
                Text(MaxUnknown),
                "so many mounts beside the spec's no container has");
            return tree;
        }
        comparison.CheckRest(verification.Images.Where(file));
        return tree;
    }

    // CRIU mounts by parent, and a mount whose parent is beneath another one would be hidden by that.
    private static void CheckPlace(ImageVerification verification, MountNode mount, MountTree tree)
    {
        if (!ReferenceEquals(tree.At(mount.Point), mount))
            verification.Refuse(Rule, $"{mount.Where}: mountpoint", mount.Point, "two mounts at one place, of which one would be hidden");
        else if (mount.IsRoot)
        {
            if (verification.Mounts.ContainsKey(mount.Parent))
                verification.Refuse(Rule, $"{mount.Where}: parent_mnt_id", Text(mount.Parent), "it hangs on a mount of the container");
        }
        else if (tree.Covering(mount) is { } covering && covering.Id != mount.Parent)
            verification.Refuse(
                Rule,
                $"{mount.Where}: parent_mnt_id",
                $"{mount.Point} on {mount.Parent}",
                $"it doesn't hang on the mount that its place lies in, {covering.Point} ({covering.Id})");
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class NamespaceImageCheckList
{
    internal static readonly ImageCheck Mount = Add(new(60, MountTreeImageRule.Check, MountTreeImageRule.Rule));
}
