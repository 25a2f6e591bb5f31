using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// Requires that the mount tree is the spec's. External mounts have a key that the runtime knows, their
/// destination. CRIU itself may mount the kernel's own file systems only: an overlay, a disk or a network
/// file system could be any of the host's. No mount has fewer restrictions than in the spec.
/// </summary>
internal static class MountImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-mount",
        Finds = "mounts that the spec doesn't have, or with fewer restrictions; overlays, disks and cgroups that CRIU "
            + "would mount itself; keys that aren't the destination of a mount of the spec. A mount of the spec "
            + "that is missing: a warning",
        Allow = "`submount:/data/sub` for a tmpfs within a bind mount of the host; nothing for the rest",
        AllowName = "submount",
    };

    private const int MostMounts = 100_000; // fs.mount-max of a mount namespace

    private static readonly (string Option, uint Flag)[] Restrictions = [("ro", 1), ("nosuid", 2), ("nodev", 4), ("noexec", 8)]; // MS_…

    public static void Check(ImageVerification verification)
    {
        foreach (var file in verification.Images.Files().Where(file => ImageKind.Find(file) is { Kind.Name: "mountpoints-" }))
            CheckNamespace(verification, file);
    }

    private static void CheckNamespace(ImageVerification verification, string file)
    {
        var spec = new SpecMounts(verification.Allowed.Spec);
        var devices = new Dictionary<uint, bool>(); // devices of file systems, and whether they are the container's own
        var mounts = new List<(MountNode Mount, string Where)>();
        foreach (var record in verification.Images.Read(file))
        {
            var where = $"{verification.Images.Where(file)}[{mounts.Count}]";
            var mount = MountNode.FromRecord(record);
            if (!verification.Mounts.TryAdd(mount.Id, mount))
                verification.Refuse(Rule, $"{where}: mnt_id", Text(mount.Id), "two mounts have one ID");
            foreach (var field in (string[])["with_plugin", "ext_mount", "fsname"])
            {
                if (record.Has(field))
                    verification.Refuse(
                        Rule,
                        $"{where}: {field}",
                        record.Text(field),
                        "a mount that CRIU would leave to a plug-in, or to the name of a file system");
            }
            if (mounts.Count == MostMounts)
            {
                verification.Refuse(Rule, where, Text(MostMounts), "so many mounts no mount namespace can have");
                return;
            }
            mounts.Add((mount, where));
            devices[mount.Device] = devices.GetValueOrDefault(mount.Device) || (!mount.IsExternal && (mount.IsRoot || spec.IsOwn(mount)));
        }
        var points = mounts.Select(entry => entry.Mount.Point).ToHashSet();
        if (!points.Contains("/"))
            verification.Refuse(Rule, verification.Images.Where(file), "/", "there is no root");
        foreach (var (mount, where) in mounts)
            CheckMount(verification, mount, where, spec, devices);
        CheckTree(verification, mounts);
        foreach (var missing in spec.Mounts.Where(
            mount => !points.Contains(mount.Destination) && !points.Any(point => SpecMounts.MayBe(point, mount))))
            verification.Warn(Rule, verification.Images.Where(file), missing.Destination, "a mount of the spec's is missing");
    }

    private static void CheckMount(
        ImageVerification verification,
        MountNode mount,
        string where,
        SpecMounts spec,
        Dictionary<uint, bool> devices)
    {
        if (!ImagePaths.IsPlain(mount.Point) || !ImagePaths.IsPlain(mount.Root.Split("//deleted")[0]))
        {
            verification.Refuse(Rule, where, $"{mount.Root} on {mount.Point}", "a path that climbs, or isn't absolute");
            return;
        }
        var wanted = spec.At(mount.Point);
        if (mount.IsRoot)
        {
            if (mount.IsExternal)
                verification.Refuse(Rule, $"{where}: ext_key", mount.Key!, "the root is handed over by the runtime, under no key");
            if (verification.Allowed.Spec.Root?.Readonly == true && (mount.Flags & 1) == 0)
                verification.Refuse(Rule, $"{where}: flags", "rw", "the root is writable, and the spec has it read-only");
        }
        else if (mount.IsExternal)
            CheckExternal(verification, mount, where, spec);
        else if (spec.IsOwnCgroup(mount))
            verification.NeedsCgroupNamespace = true;
        else if (!SpecMounts.IsKernels(mount.FileSystem) && !(spec.IsSub(mount) && devices.GetValueOrDefault(mount.Device)))
            verification.Refuse(
                Rule,
                $"{where}: fstype",
                $"{Text(mount.FileSystem)} on {mount.Point}",
                "CRIU would mount a file system that may be one of the host's");
        else if (!spec.IsOwn(mount) && !(spec.IsSub(mount) && devices.GetValueOrDefault(mount.Device))
            && !verification.Allowed.May("CAP_SYS_ADMIN"))
            RefuseUnknown(verification, mount, where, spec);
        if (wanted is not null)
            CheckFlags(verification, mount, where, wanted);
    }

    // A bind mount of the host brings the mounts within it. CRIU recreates a tmpfs with its content; where
    // another file system came from can't be known from foreign images.
    private static void RefuseUnknown(ImageVerification verification, MountNode mount, string where, SpecMounts spec)
    {
        if (mount is { FileSystem: MountNode.Tmpfs, Root: "/" } && spec.BindAbove(mount.Point) is { } bind)
        {
            verification.Refuse(
                Rule,
                where,
                mount.Point,
                $"a file system in memory that the host had mounted within what is bound at {bind.Destination}: "
                    + "it would be made anew, the container's own, with what the archive says was in it",
                mount.Point);
            return;
        }
        verification.Refuse(
            Rule,
            where,
            mount.Point,
            "a mount that the spec doesn't have, and no process of the container could have made");
    }

    private static void CheckExternal(ImageVerification verification, MountNode mount, string where, SpecMounts spec)
    {
        if (spec.IsMask(mount))
            return;
        if (mount.Key != mount.Point || (spec.At(mount.Point) is null && !spec.IsCgroup(mount.Point)
            && !spec.Mounts.Any(wanted => SpecMounts.MayBe(mount.Point, wanted))))
            verification.Refuse(
                Rule,
                $"{where}: ext_key",
                $"{mount.Key} on {mount.Point}",
                "a mount from outside that the spec doesn't have there");
    }

    private static void CheckFlags(ImageVerification verification, MountNode mount, string where, OciMount wanted)
    {
        foreach (var (option, flag) in Restrictions)
        {
            // For cgroups, the mounts beneath count.
            if (wanted.Options?.Contains(option) == true && (mount.Flags & flag) == 0 && !(option == "ro" && wanted.Type == "cgroup"))
                verification.Refuse(Rule, $"{where}: flags", $"{mount.Point}: not {option}", $"the spec mounts it with {option}");
        }
    }

    // Every mount is reachable from a root, so that CRIU's walk ends.
    private static void CheckTree(ImageVerification verification, List<(MountNode Mount, string Where)> mounts)
    {
        var reached = new HashSet<uint>(mounts.Where(entry => entry.Mount.IsRoot).Select(entry => entry.Mount.Id));
        var children = mounts.Where(entry => !entry.Mount.IsRoot).ToLookup(entry => entry.Mount.Parent);
        var open = new Stack<uint>(reached);
        while (open.TryPop(out var parent))
        {
            foreach (var (mount, _) in children[parent])
            {
                if (reached.Add(mount.Id))
                    open.Push(mount.Id);
            }
        }
        foreach (var (mount, where) in mounts.Where(entry => !reached.Contains(entry.Mount.Id)))
            verification.Refuse(Rule, $"{where}: parent_mnt_id", Text(mount.Parent), "a mount that hangs on none");
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class NamespaceImageRules
{
    internal static readonly ImageCheck Mount = Add(new(60, MountImageRule.Check, MountImageRule.Rule));
}
