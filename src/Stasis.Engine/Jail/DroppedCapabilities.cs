using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Jail;

/// <summary>The capabilities that a jail is without: those that neither a restore nor the container needs.</summary>
internal static class DroppedCapabilities
{
    private static readonly int[] Unneeded =
    [
        ThreadCapabilities.DacReadSearch,
        ThreadCapabilities.SysModule,
        ThreadCapabilities.SysRawIo,
        ThreadCapabilities.SysBoot,
        ThreadCapabilities.MacOverride,
        ThreadCapabilities.MacAdmin,
        ThreadCapabilities.Syslog,
        ThreadCapabilities.WakeAlarm,
        ThreadCapabilities.AuditRead,
        ThreadCapabilities.PerfMon,
        ThreadCapabilities.Bpf,
    ];

    /// <summary>
    /// Lists what a stranger's container is restored without, by number. Capabilities in the spec's bounding set are kept, since a process
    /// can't be given one that the jail lacks. A process of this host's own container can have more than its spec says
    /// (<c>exec --privileged</c>), so nothing is dropped for one.
    /// </summary>
    /// <param name="spec">The container's spec.</param>
    /// <param name="isUntrusted">Whether its images are a stranger's.</param>
    public static IReadOnlyList<int> GetDropped(OciSpec spec, bool isUntrusted)
    {
        var kept = spec.Process?.Capabilities?.Bounding ?? [];
        return isUntrusted ? [.. Unneeded.Where(number => !kept.Contains(HostFacts.AllCapabilities[number]))] : [];
    }
}
