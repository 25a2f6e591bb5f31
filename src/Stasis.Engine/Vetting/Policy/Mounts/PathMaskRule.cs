using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Mounts;

/// <summary>
/// Finds paths of /proc and /sys that are masked or read-only in a plain container (containers/common
/// pkg/config, in all versions since 2020), and aren't here.
/// </summary>
internal static class PathMaskRule
{
    public static readonly RuleDescriptor MaskRule = new()
    {
        Id = "unmasked-path",
        Finds = "paths of `/proc` and `/sys` that every version of Podman since 2020 masks, and that aren't masked. "
            + "Paths that newer versions mask: a warning",
        Allow = "`unmasked-path:/proc/kcore`",
        AllowedByPrivileged = [RuleDescriptor.Every],
    };

    public static readonly RuleDescriptor ReadOnlyRule = new()
    {
        Id = "writable-path",
        Finds = "paths of `/proc` that every version of Podman since 2020 makes read-only, and that aren't",
        Allow = "`writable-path:/proc/sys`",
        AllowedByPrivileged = [RuleDescriptor.Every],
    };

    private static readonly string[] Masked =
    [
        "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
        "/proc/scsi", "/sys/firmware",
    ];

    // Masked since 2023 or later.
    private static readonly string[] LaterMasked = ["/proc/interrupts", "/sys/devices/virtual/powercap", "/sys/fs/selinux"];

    private static readonly string[] ReadOnly = ["/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var (masked, readOnly) = (subject.Linux.MaskedPaths ?? [], subject.Linux.ReadonlyPaths ?? []);
        foreach (var path in Masked.Except(masked))
            yield return FindingFactory.Refused(MaskRule, "spec.dump: linux.maskedPaths", path, $"it sees the host's {path}", path);
        foreach (var path in ReadOnly.Except(readOnly).Except(masked))
            yield return FindingFactory.Refused(
                ReadOnlyRule,
                "spec.dump: linux.readonlyPaths",
                path,
                $"it may write to the host's {path}",
                path);
        foreach (var path in LaterMasked.Except(masked).Where(_ => masked.Count > 0))
            yield return FindingFactory.Warning(
                MaskRule,
                "spec.dump: linux.maskedPaths",
                path,
                $"it sees the host's {path}, which newer engines hide");
    }
}

internal static partial class MountCheckList
{
    internal static readonly PolicyCheck PathMask = Add(new(120, PathMaskRule.Check, PathMaskRule.MaskRule, PathMaskRule.ReadOnlyRule));
}
