using Stasis.Engine.Vetting.Images;

namespace Stasis.Engine.Vetting;

/// <summary>
/// Files of /proc and /sys, by what a process gains that has them open. Paths are relative to the root of the file system, without a
/// slash at the beginning for those of /proc, with one for those of sysfs.
/// </summary>
internal static class KernelFileNames
{
    /// <summary>Files of /proc that any process may read, and that tell of the machine no more than that.</summary>
    public static IReadOnlySet<string> Readable { get; } = new HashSet<string>
    {
        "bootconfig", "buddyinfo", "cgroups", "cmdline", "config.gz", "consoles", "cpuinfo", "crypto", "devices", "diskstats", "dma",
        "execdomains", "fb", "filesystems", "interrupts", "key-users", "loadavg", "locks", "mdstat", "meminfo", "misc", "partitions",
        "pressure/cpu", "pressure/io", "pressure/irq", "pressure/memory", "schedstat", "softirqs", "stat", "swaps", "sysvipc/msg",
        "sysvipc/sem", "sysvipc/shm", "tty/drivers", "tty/ldiscs", "uptime", "version", "version_signature", "vmstat", "zoneinfo",
    };

    /// <summary>Directories of /proc, beside those of processes and of sysctls; the empty name is /proc itself.</summary>
    public static IReadOnlySet<string> Directories { get; } = new HashSet<string>
    {
        "", "pressure", "sysvipc", "tty"
    };

    /// <summary>Files of /proc that the kernel gives to holders of a capability: when they are opened, or by who opened them.</summary>
    public static IReadOnlyDictionary<string, string> Guarded { get; } = new Dictionary<string, string>
    {
        ["iomem"] = "CAP_SYS_ADMIN",
        ["ioports"] = "CAP_SYS_ADMIN",
        ["kallsyms"] = "CAP_SYSLOG",
        ["kcore"] = "CAP_SYS_RAWIO",
        ["keys"] = "CAP_SYS_ADMIN",
        ["kmsg"] = "CAP_SYSLOG",
        ["kpagecgroup"] = "CAP_SYS_ADMIN",
        ["kpagecount"] = "CAP_SYS_ADMIN",
        ["kpageflags"] = "CAP_SYS_ADMIN",
        ["modules"] = "CAP_SYSLOG",
        ["pagetypeinfo"] = "CAP_SYS_ADMIN",
        ["slabinfo"] = "CAP_SYS_ADMIN",
        ["timer_list"] = "CAP_SYS_ADMIN",
        ["vmallocinfo"] = "CAP_SYS_ADMIN",
        ["vmcore"] = "CAP_SYS_RAWIO",
    };

    /// <summary>Files of a process (proc_pid_xxx(5)).</summary>
    public static IReadOnlySet<string> OfProcess { get; } = new HashSet<string>
    {
        "arch_status", "autogroup", "auxv", "cgroup", "children", "clear_refs", "cmdline", "comm", "coredump_filter",
        "cpu_resctrl_groups", "cpuset", "environ", "gid_map", "io", "ksm_merging_pages", "ksm_stat", "limits", "loginuid", "maps", "mem",
        "mountinfo", "mounts", "mountstats", "numa_maps", "oom_adj", "oom_score", "oom_score_adj", "personality", "projid_map", "sched",
        "schedstat", "sessionid", "setgroups", "smaps", "smaps_rollup", "stat", "statm", "status", "syscall", "timens_offsets", "timers",
        "timerslack_ns", "uid_map", "wchan",
    };

    /// <summary>Files of a process that the process may write.</summary>
    public static IReadOnlySet<string> WritableOfProcess { get; } = new HashSet<string>
    {
        "autogroup", "clear_refs", "comm", "coredump_filter", "mem", "oom_adj", "oom_score_adj", "sched", "timerslack_ns"
    };

    /// <summary>Directories of a process; the empty name is its folder. Links in fd, map_files and ns lead anywhere.</summary>
    public static IReadOnlySet<string> DirectoriesOfProcess { get; } = new HashSet<string>
    {
        "", "attr", "fd", "fdinfo", "net", "ns", "task"
    };

    /// <summary>Files of a process that need CAP_SYS_ADMIN.</summary>
    public static IReadOnlySet<string> GuardedOfProcess { get; } = new HashSet<string>
    {
        "pagemap", "stack"
    };

    /// <summary>Whether a file of sysfs has addresses of the kernel's, or the configuration space, memory or ROM of a PCI device.</summary>
    public static bool IsGuardedInSysfs(string inside) =>
        inside.Contains("/sections/", StringComparison.Ordinal) || inside.Contains("/crash_notes", StringComparison.Ordinal)
        || (inside.Contains("/pci", StringComparison.Ordinal) && IsOfDevice(ImagePathSyntax.LastName(inside)));

    /// <summary>Whether a file of sysfs describes processors, memory, disks or network devices, or is a module's parameter.</summary>
    public static bool IsReadableInSysfs(string inside)
    {
        if (Begins("/devices/system/") || Begins("/kernel/mm/") || Begins("/devices/virtual/net/") || Begins("/devices/virtual/block/")
            || Begins("/devices/virtual/tty/") || Begins("/devices/virtual/bdi/") || Begins("/fs/cgroup/"))
            return true;
        if (Begins("/devices/"))
            return inside.Contains("/net/", StringComparison.Ordinal) || inside.Contains("/block/", StringComparison.Ordinal);
        return Begins("/module/") && inside.Contains("/parameters/", StringComparison.Ordinal);

        bool Begins(string folder) => inside.StartsWith(folder, StringComparison.Ordinal);
    }

    /// <summary>Whether a name is a PID as the kernel writes it.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text) =>
        text.Length is > 0 and < 10 && !text.ContainsAnyExceptInRange('0', '9') && (text.Length == 1 || text[0] != '0');

    private static bool IsOfDevice(string name) => name is "config" or "rom" || name.StartsWith("resource", StringComparison.Ordinal);
}
