using Stasis.Engine.Vetting.Findings;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>Requires that what the spec masks or makes read-only is so, as far as this kernel has it.</summary>
internal static class RestoredMaskRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "restored-mask",
        Finds = "paths that the spec masks or makes read-only, and that aren't",
        Allow = "`unmask:/proc/sched_debug`",
        AllowName = "unmask",
    };

    private const string Where = "mountinfo", CrunsEmptyFolder = "/.empty-directory";

    /// <summary>Compares the container's mounts with its spec's masked and read-only paths.</summary>
    public static void Check(RestoredContainer container, RestoredMountTable table, HashSet<ulong> implied, List<Finding> findings)
    {
        using var root = RootedPath.Open(FormattableString.Invariant($"/proc/{container.Pid}/root"));
        foreach (var path in container.Spec.Linux?.MaskedPaths ?? [])
        {
            if (root.TryFind(path) is not { } file || table.Find(file.MountId) is not { } entry)
                continue;
            if (IsMask(file, entry, table))
                implied.Add(entry.Id);
            else if (IsKernels(entry))
                findings.Add(FindingFactory.Refused(Rule, Where, path, "the spec hides it from the container", path));
        }
        foreach (var path in container.Spec.Linux?.ReadonlyPaths ?? [])
        {
            if (root.TryFind(path) is not { } file || table.Find(file.MountId) is not { } entry)
                continue;
            if (file.IsMountRoot && IsSamePath(entry, table))
                implied.Add(entry.Id);
            if (IsKernels(entry) && !entry.Options.Contains("ro"))
                findings.Add(FindingFactory.Refused(Rule, Where, path, "the spec has it read-only in the container", path));
        }
    }

    // Over a file the device null, which a mount's root shows; over a folder an empty one that nobody can write to.
    private static bool IsMask(FileMountStatus file, MountEntry entry, RestoredMountTable table) =>
        file.IsMountRoot && (file.Status.IsDirectory
        ? entry.Type == "tmpfs" && !table.IsOnHost(entry.Device) && (entry.Options.Contains("ro") || entry.Root == CrunsEmptyFolder)
        : file.Status is { IsCharacterDevice: true, DeviceMajor: 1, DeviceMinor: 3 });

    // A bind of that very path.
    private static bool IsSamePath(MountEntry entry, RestoredMountTable table) => table.Find(entry.Parent) is { } parent
        && entry.Device == parent.Device
        && entry.Root == RestoredMountTable.Join(parent.Root, parent.Point == "/" ? entry.Point : entry.Point[parent.Point.Length..]);

    // A folder of the image at that path needs no mask.
    private static bool IsKernels(MountEntry entry) => entry.Type is "proc" or "sysfs";
}
