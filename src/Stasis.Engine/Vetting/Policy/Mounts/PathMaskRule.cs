using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Mounts;

/// <summary>Paths of /proc and /sys that a plain container can't see, or not write to (containers/common pkg/config: what all of its versions since 2020 have).</summary>
internal static class PathMaskRule
{
    private static readonly string[] Masked =
        ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"];

    // Added in 2023 and later.
    private static readonly string[] LaterMasked = ["/proc/interrupts", "/sys/devices/virtual/powercap", "/sys/fs/selinux"];

    private static readonly string[] ReadOnly = ["/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var (masked, readOnly) = (subject.Linux.MaskedPaths ?? [], subject.Linux.ReadonlyPaths ?? []);
        foreach (var path in Masked.Except(masked))
            yield return FindingFactory.Refused("unmasked-path", "spec.dump: linux.maskedPaths", path, $"it sees the host's {path}", path);
        foreach (var path in ReadOnly.Except(readOnly).Except(masked))
            yield return FindingFactory.Refused("writable-path", "spec.dump: linux.readonlyPaths", path, $"it may write to the host's {path}", path);
        foreach (var path in LaterMasked.Except(masked).Where(_ => masked.Count > 0))
            yield return FindingFactory.Warning("unmasked-path", "spec.dump: linux.maskedPaths", path, $"it sees the host's {path}, which newer engines hide");
    }
}
