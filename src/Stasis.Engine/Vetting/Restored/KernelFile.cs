using System.Text.RegularExpressions;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>Files of the kernel's file systems that an ordinary program may have open.</summary>
internal static partial class KernelFile
{
    /// <summary>Whether a container's process may have such a file open.</summary>
    /// <param name="type">The file system's type.</param>
    /// <param name="path">The file's path in the container, as the kernel gives it.</param>
    public static bool IsHarmless(string type, string path) => type switch
    {
        "proc" => Proc().IsMatch(path),
        "sysfs" => Sys().IsMatch(path),
        "cgroup" or "cgroup2" => true, // of the container's own, by its mount
        _ => false,
    };

    // Folders; what tells of a process, but not what leads on from it (fd, root, cwd, exe, ns, map_files) or changes it (mem); totals.
    [GeneratedRegex(@"\A/proc(/\d+(/task(/\d+)?)?(/(stat|statm|status|maps|smaps|smaps_rollup|cmdline|comm|environ|limits|io|cgroup|mounts|"
        + @"mountinfo|mountstats|oom_score|oom_score_adj|loginuid|sched|schedstat|wchan|net(/[a-z0-9_]+)?|fdinfo|personality|auxv|"
        + @"children))?"
        + @"|/(meminfo|stat|cpuinfo|uptime|loadavg|version|vmstat|filesystems|diskstats|partitions|swaps|cmdline|devices|misc|cgroups|"
        + @"pressure(/\w+)?|sys(/.*)?))?\z")]
    private static partial Regex Proc();

    [GeneratedRegex(@"\A/sys(/(devices/(system|virtual)|class|block|bus|fs/cgroup|kernel/mm)(/.*)?|/fs)?\z")]
    private static partial Regex Sys();
}
