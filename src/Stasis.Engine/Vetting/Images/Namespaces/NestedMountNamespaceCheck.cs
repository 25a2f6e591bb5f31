using System.Globalization;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// Checks a mount namespace that a process with CAP_SYS_ADMIN has created within the container. Its mounts begin as copies of the
/// container's; others are the process's own (<see cref="ExtraMountImageRule"/>).
/// </summary>
internal static class NestedMountNamespaceCheck
{
    public static void Check(
        ImageVerification verification,
        CriuMadeMountCheck form,
        string file,
        IReadOnlyList<MountNode> mounts,
        MountTree? container)
    {
        // CRIU binds a mount from any external mount, and from the root, that has its device number.
        var others = (container?.Mounts ?? []).Where(mount => mount.IsExternal || mount.IsRoot).Select(mount => mount.Device).ToHashSet();
        if (!mounts.Any(mount => mount.IsRoot))
            verification.Refuse(MountTreeImageRule.Rule, verification.Images.Where(file), "/", "there is no root");
        foreach (var mount in mounts)
            CheckMount(verification, form, mount, container, others);
        CheckTree(verification, mounts);
    }

    private static void CheckMount(
        ImageVerification verification,
        CriuMadeMountCheck form,
        MountNode mount,
        MountTree? container,
        HashSet<uint> others)
    {
        const uint Restrictions = MountNode.ReadOnly | MountNode.NoSuid | MountNode.NoDev | MountNode.NoExec;
        if ((mount.Flags & (MountNode.Shared | MountNode.Slave)) != 0 || mount.PeerGroup != 0 || mount.MasterGroup != 0)
            ExtraMountImageRule.RefusePropagation(verification, mount);
        if (mount.IsExternal)
            Refuse(verification, mount, "the runtime hands over mounts of the container's own namespace alone");
        else if (container?.At(mount.Point) is { } original && IsSame(mount, original))
        {
            if (!mount.HasFlags(original.Flags & Restrictions))
                Refuse(verification, mount, "the container's own mount there has more restrictions");
        }
        else if (form.Check(mount, null)
            && !ExtraMountImageRule.TryRefuse(verification, mount, others.Contains(mount.Device)))
            Refuse(verification, mount, "a mount of a process's own that isn't one of the kernel's file systems, whole");
    }

    private static bool IsSame(MountNode mount, MountNode original) => mount.Device == original.Device && mount.Root == original.Root
        && mount.FileSystem == original.FileSystem;

    private static void Refuse(ImageVerification verification, MountNode mount, string why) =>
        verification.Refuse(MountTreeImageRule.Rule, mount.Where, mount.Point, why);

    // Every mount is reachable from a root, so that CRIU's walk ends.
    private static void CheckTree(ImageVerification verification, IReadOnlyList<MountNode> mounts)
    {
        var reached = new HashSet<uint>(mounts.Where(mount => mount.IsRoot).Select(mount => mount.Id));
        var children = mounts.Where(mount => !mount.IsRoot).ToLookup(mount => mount.Parent);
        var open = new Stack<uint>(reached);
        while (open.TryPop(out var parent))
        {
            foreach (var mount in children[parent])
            {
                if (reached.Add(mount.Id))
                    open.Push(mount.Id);
            }
        }
        foreach (var mount in mounts.Where(mount => !reached.Contains(mount.Id)))
            verification.Refuse(
                MountTreeImageRule.Rule,
                $"{mount.Where}: parent_mnt_id",
                mount.Parent.ToString(CultureInfo.InvariantCulture),
                "a mount that hangs on none");
    }
}
