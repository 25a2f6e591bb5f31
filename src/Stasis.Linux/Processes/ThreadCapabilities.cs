using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>The capabilities of the calling thread (capabilities(7)), and of what it starts.</summary>
public static class ThreadCapabilities
{
    /// <summary>Numbers of capabilities (linux/capability.h).</summary>
    public const int DacReadSearch = 2, SysModule = 16, SysRawIo = 17, SysBoot = 22, MacOverride = 32, MacAdmin = 33, Syslog = 34,
        WakeAlarm = 35, AuditRead = 37, PerfMon = 38, Bpf = 39;

    /// <summary>
    /// Removes capabilities from all sets of the calling thread, the bounding set included: no program that it starts can have them.
    /// Ones that the kernel doesn't know are passed over.
    /// </summary>
    public static void Drop(params ReadOnlySpan<int> capabilities)
    {
        var (low, high) = (0u, 0u);
        foreach (var capability in capabilities)
        {
            if (Libc.prctl(Libc.PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && LinuxException.LastErrno != Errno.EINVAL)
                throw LinuxException.Last("prctl", "bounding set");
            if (capability < 32)
                low |= 1u << capability;
            else
                high |= 1u << (capability - 32);
        }
        if (Libc.prctl(Libc.PR_CAP_AMBIENT, Libc.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
            throw LinuxException.Last("prctl", "ambient set");
        var header = new Libc.CapabilityHeader { Version = Libc.LINUX_CAPABILITY_VERSION_3 };
        if (Libc.capget(ref header, out var data) != 0)
            throw LinuxException.Last("capget");
        data.EffectiveLow &= ~low;
        data.PermittedLow &= ~low;
        data.InheritableLow &= ~low;
        data.EffectiveHigh &= ~high;
        data.PermittedHigh &= ~high;
        data.InheritableHigh &= ~high;
        if (Libc.capset(ref header, in data) != 0)
            throw LinuxException.Last("capset");
    }
}
