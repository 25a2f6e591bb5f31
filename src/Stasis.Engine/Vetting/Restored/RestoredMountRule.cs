using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>Requires that each mount of the container is one that the spec implies, and that this is all there is at its place.</summary>
internal static class RestoredMountRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "restored-mount",
        Finds = "mounts that the spec doesn't imply: of another file system, device or folder, or with fewer restrictions",
        Allow = "`submount:/data/sub` for a tmpfs of the container's own; nothing for the rest",
        AllowName = "submount",
    };

    public static readonly RuleDescriptor ContainerMountRule = new()
    {
        Id = "restored-own-mount",
        Finds = "in a container with CAP_SYS_ADMIN: proc, sysfs, tmpfs, devpts and mqueue mounts that the spec doesn't have",
        Allow = "`own-mount:/mnt`",
        AllowName = ExtraMountImageRule.Rule.AllowName,
        AllowedByPrivileged = [RuleDescriptor.Every],
    };

    private const string Where = "mountinfo", Console = "/dev/console", CgroupFolder = "/sys/fs/cgroup";
    private static readonly string[] Restrictions = ["nosuid", "nodev", "noexec"];

    // Each mount of these has a file system of its own.
    private static readonly string[] PrivateTypes = ["proc", "tmpfs", "devpts", "mqueue"];

    // Those that a container with CAP_SYS_ADMIN can mount, and that show nothing of the host's disks.
    private static readonly string[] AllowedTypes = [.. PrivateTypes, "sysfs"];

    /// <summary>Compares the container's mounts with its spec's.</summary>
    public static void Check(RestoredContainer container, SpecAllowances allowed, RestoredMountTable table, List<Finding> findings)
    {
        var spec = container.Spec;
        HashSet<ulong> implied = [];
        CheckRoot(container, allowed, table, implied, findings);
        foreach (var mount in spec.Mounts ?? [])
            CheckMount(container, table, mount, implied, findings);
        RestoredMaskRule.Check(container, table, implied, findings);
        if (spec.Process?.Terminal == true && table.FindAt(Console) is { Type: "devpts" } console
            && table.FindAt("/dev/pts") is { } terminals && console.Device == terminals.Device)
            implied.Add(console.Id);
        foreach (var entry in table.Entries.Where(entry => !implied.Contains(entry.Id)))
            CheckContainerMount(allowed, table, entry, findings);
    }

    private static void CheckContainerMount(SpecAllowances allowed, RestoredMountTable table, MountEntry entry, List<Finding> findings)
    {
        var isWhole = entry.Root == "/" && (!PrivateTypes.Contains(entry.Type) || !table.IsOnHost(entry.Device));
        var message = $"the spec has no such mount: {Describe(entry)}";
        if (isWhole && entry.Type == "tmpfs" && (IsWithinBind(allowed.Spec, entry.Point) || !allowed.May("CAP_SYS_ADMIN")))
            findings.Add(FindingFactory.Refused(Rule, Where, entry.Point, message, entry.Point));
        else if (isWhole && allowed.May("CAP_SYS_ADMIN") && AllowedTypes.Contains(entry.Type))
            findings.Add(FindingFactory.Refused(ContainerMountRule, Where, entry.Point, message, entry.Point));
        else
            findings.Add(FindingFactory.Never(Rule, Where, entry.Point, message));
    }

    private static bool IsWithinBind(OciSpec spec, string point) => (spec.Mounts ?? [])
        .Any(mount => RestoredMountSources.IsBind(mount) && point.StartsWith(mount.Destination + "/", StringComparison.Ordinal));

    private static void CheckRoot(
        RestoredContainer container, SpecAllowances allowed, RestoredMountTable table, HashSet<ulong> implied, List<Finding> findings)
    {
        if (table.FindAt("/") is not { } root)
        {
            findings.Add(FindingFactory.Never(Rule, Where, "/", "the first process's root is no mount of its own"));
            return;
        }
        implied.Add(root.Id);
        if (table.Identify(container.RootFs) is not { } wanted || (root.Device, root.Root) != wanted)
            Refuse(findings, root, $"the root file system is another one than {container.RootFs}");
        if (container.Spec.Root?.Readonly == true && !root.Options.Contains("ro"))
            Refuse(findings, root, "the spec has it read-only");
        var isShared = root.Propagation.Any(tag => tag.StartsWith("shared:", StringComparison.Ordinal));
        if (isShared && container.Spec.Linux?.RootfsPropagation is not ("shared" or "rshared") && !allowed.May("CAP_SYS_ADMIN"))
            Refuse(findings, root, "the spec doesn't have it shared");
    }

    private static void CheckMount(
        RestoredContainer container, RestoredMountTable table, OciMount mount, HashSet<ulong> implied, List<Finding> findings)
    {
        // Its place may be hidden by a mount that comes later, or the container has unmounted it.
        if (table.FindAt(mount.Destination) is not { } entry || !implied.Add(entry.Id))
            return;
        if (RestoredMountSources.IsBind(mount))
            CheckBind(table, mount, entry, implied, findings);
        else if (mount.Type == "cgroup")
            CheckCgroups(container, table, entry, implied, findings);
        else if (entry.Type != mount.Type || entry.Root != "/")
            Refuse(findings, entry, $"the spec mounts {mount.Type} there");
        else if (PrivateTypes.Contains(entry.Type) && table.IsOnHost(entry.Device))
            Refuse(findings, entry, "it is a file system of the host's");
        else if (entry.Type == "tmpfs")
            CheckTmpfs(mount, entry, findings);
        // The folder of v1's hierarchies is writable; each of them isn't.
        if (mount.IsReadOnly && !(mount.Type == "cgroup" && entry.Type == "tmpfs") && !entry.Options.Contains("ro"))
            Refuse(findings, entry, "the spec mounts it ro");
        foreach (var option in Restrictions.Where(option => mount.Options?.Contains(option) == true && !entry.Options.Contains(option)))
            Refuse(findings, entry, $"the spec mounts it {option}");
    }

    // The kernel rounds a size up to pages.
    private static void CheckTmpfs(OciMount mount, MountEntry entry, List<Finding> findings)
    {
        var most = TmpfsSizeOption.Parse(mount.Options ?? []) is { } size ? size + Environment.SystemPageSize - 1 : TmpfsSizeOption.Default;
        if (TmpfsSizeOption.Parse(entry.SuperOptions) > most)
            Refuse(findings, entry, "it is larger than in the spec");
        if (entry.SuperOptions.FirstOrDefault(option => option.StartsWith("huge=", StringComparison.Ordinal)) is { } huge
            && mount.Options?.Contains(huge) != true)
            Refuse(findings, entry, $"the spec doesn't mount it {huge}");
    }

    private static void CheckBind(
        RestoredMountTable table, OciMount mount, MountEntry entry, HashSet<ulong> implied, List<Finding> findings)
    {
        if (mount.Source is null || table.Identify(mount.Source) is not { } wanted || (entry.Device, entry.Root) != wanted)
            Refuse(findings, entry, $"the spec binds {mount.Source} there");
        if (mount.Options?.Contains("rbind") != true || mount.Source is null)
            return;
        // Mounts beneath the source come with it.
        foreach (var below in table.Entries.Where(other => other.Point.StartsWith(entry.Point + "/", StringComparison.Ordinal)))
        {
            var source = mount.Source + below.Point[entry.Point.Length..];
            if (table.Host.Any(host => host.Point == source && host.Device == below.Device && host.Root == below.Root))
                implied.Add(below.Id);
        }
    }

    // v1: a tmpfs with a folder for each hierarchy; v2: the hierarchy itself.
    private static void CheckCgroups(
        RestoredContainer container, RestoredMountTable table, MountEntry entry, HashSet<ulong> implied, List<Finding> findings)
    {
        var own = container.Cgroups.Select(table.Identify).OfType<(string, string)>().ToHashSet();
        if (entry.Type is "cgroup" or "cgroup2")
        {
            if (!own.Contains((entry.Device, entry.Root)))
                Refuse(findings, entry, "it shows cgroups that aren't the container's");
            return;
        }
        if (entry is not { Type: "tmpfs", Root: "/" } || table.IsOnHost(entry.Device))
            Refuse(findings, entry, "the spec mounts cgroups there");
        foreach (var hierarchy in table.Entries.Where(other => other.Parent == entry.Id && other.Type is "cgroup" or "cgroup2"))
        {
            if (!implied.Add(hierarchy.Id))
                continue;
            if (!own.Contains((hierarchy.Device, hierarchy.Root)))
                Refuse(findings, hierarchy, "it shows cgroups that aren't the container's");
            else if (IsReadOnly(container.Spec) && !hierarchy.Options.Contains("ro"))
                Refuse(findings, hierarchy, "the spec mounts it ro");
        }
    }

    private static bool IsReadOnly(OciSpec spec) =>
        spec.Mounts?.Any(mount => mount.Destination == CgroupFolder && mount.IsReadOnly) == true;

    private static void Refuse(List<Finding> findings, MountEntry entry, string message) =>
        findings.Add(FindingFactory.Never(Rule, Where, entry.Point, $"{message}; it is {Describe(entry)}"));

    private static string Describe(MountEntry entry) =>
        $"{entry.Type} {entry.Device}, root {entry.Root}, {string.Join(',', entry.Options)}";
}
