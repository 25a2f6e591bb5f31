using System.Globalization;
using System.Text.Json;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Policy.References;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// Compares the options of a file system that CRIU mounts, as /proc/PID/mountinfo shows them, with those of the spec. CRIU hands them to
/// mount(2). Only options that are known can pass, with the spec's values.
/// </summary>
internal sealed class FileSystemOptionComparison(OciSpec spec)
{
    // Names of cgroup v1 controllers, options without effect on others, and the hierarchies of service managers. Another name would make a
    // new hierarchy on the host, and release_agent in it a program that the kernel runs as root.
    private static readonly HashSet<string> CgroupV1 =
    [
        "blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "hugetlb", "memory", "misc", "net_cls", "net_prio", "perf_event", "pids",
        "rdma", "xattr", "name=systemd", "name=elogind", "name=openrc",
    ];

    // What cgroup2 shows of the host's mount; within a cgroup namespace, the kernel ignores them (kernel/cgroup/cgroup.c:
    // apply_cgroup_root_flags).
    private static readonly HashSet<string> CgroupV2 =
    [
        "nsdelegate", "favordynmods", "memory_localevents", "memory_recursiveprot", "memory_hugetlb_accounting", "pids_localevents",
    ];

    // Options of security modules, which MountOptionRule judges in the spec, and of what a tmpfs's inode numbers are.
    private static readonly HashSet<string> Anywhere = ["seclabel", "lazytime", "inode32", "inode64", "noswap"];
    private static readonly string[] Contexts = ["context", "fscontext", "rootcontext", "defcontext"];

    // Runtimes give the label to all file systems that they mount.
    private readonly string? _label = spec.Linux?.Unknown?.TryGetValue(UnknownSpecFieldRule.MountLabel, out var label) == true
        && label.ValueKind == JsonValueKind.String ? label.GetString() : null;

    // In a user namespace, the kernel shows the host's IDs, which the mappings make of the spec's. They exist in that namespace alone.
    private readonly bool _hasMappings = spec.Linux?.Namespaces?.Any(space => space.Type == "user") == true;

    /// <summary>The option that the spec doesn't imply, and why; null if there is none.</summary>
    /// <param name="mount">A mount whose file system CRIU would mount.</param>
    /// <param name="wanted">The mount of the spec; null for what the runtime mounts without it, such as a masked folder's tmpfs.</param>
    public (string Option, string Why)? FindOther(MountNode mount, SpecMount? wanted)
    {
        var seen = new HashSet<string>();
        foreach (var option in Split(mount.Options))
        {
            if (option.Split('=', 2) is not [var key, ..] || !seen.Add(key) && mount.FileSystem != MountNode.Cgroup)
                return (option, "an option twice");
            var value = option.Length > key.Length ? option[(key.Length + 1)..] : null;
            if (Contexts.Contains(key))
            {
                if (value?.Trim('"') is not { } given || (given != wanted?.Value(key)?.Trim('"') && given != _label))
                    return (option, "another security context than the spec's");
            }
            else if (!Anywhere.Contains(option) && !IsKnown(mount.FileSystem, key, value, option, wanted))
                return (option, "an option that the spec doesn't have, or not with that value");
        }
        return FindMissing(mount.FileSystem, seen, wanted) is { } missing
            ? (missing, "the spec has that option, and the image doesn't")
            : null;
    }

    private bool IsKnown(uint fileSystem, string key, string? value, string option, SpecMount? wanted) => fileSystem switch
    {
        MountNode.Tmpfs => key switch
        {
            "size" => IsAtMost(value, wanted?.Value("size"), 1),
            "nr_blocks" => IsAtMost(value, wanted?.Value("nr_blocks"), PageSize),
            "nr_inodes" => IsAtMost(value, wanted?.Value("nr_inodes"), PageSize),
            "mode" => IsMode(value),
            "uid" or "gid" => ((_hasMappings || wanted is null) && IsNumber(value)) || IsSame(value, wanted?.Value(key)),
            "huge" or "mpol" => value is not null && value == wanted?.Value(key),
            _ => false,
        },
        MountNode.Devpts => key switch
        {
            "newinstance" => value is null,
            "mode" or "ptmxmode" => IsMode(value) && IsSameMode(value, wanted?.Value(key) ?? (key == "mode" ? "600" : "0")),
            "uid" or "gid" => ((_hasMappings || wanted is null) && IsNumber(value)) || IsSame(value, wanted?.Value(key)),
            "max" => IsNumber(value),
            _ => false,
        },
        // The kernel shows hidepid by name, and takes the number. Each hides more than none does.
        MountNode.Proc => key switch
        {
            "hidepid" => value is "0" or "1" or "2" or "4" or "off" or "noaccess" or "invisible" or "ptraceable",
            "gid" => IsSame(value, wanted?.Value("gid")),
            "subset" => value == "pid",
            _ => false,
        },
        MountNode.Cgroup => CgroupV1.Contains(option),
        MountNode.Cgroup2 => CgroupV2.Contains(option),
        _ => false,
    };

    // Options without which the file system would be larger, or show more, than the spec's.
    private static string? FindMissing(uint fileSystem, HashSet<string> seen, SpecMount? wanted)
    {
        string[] limits = fileSystem switch
        {
            MountNode.Tmpfs => ["size", "nr_blocks", "nr_inodes"],
            MountNode.Proc => ["hidepid", "subset"],
            _ => [],
        };
        // Without newinstance, kernels before 4.7 mount the host's terminals. CRIU adds it, as the kernel hides it (criu/filesystems.c:
        // devpts_parse).
        if (fileSystem == MountNode.Devpts && !seen.Contains("newinstance"))
            return "newinstance";
        return limits.FirstOrDefault(limit => !seen.Contains(limit) && IsLimit(limit, wanted?.Value(limit)));
    }

    // A share of the memory, and the value that means the default, are not shown.
    private static bool IsLimit(string key, string? value) =>
        value is not (null or "" or "0" or "off") && !(key is "size" && value.EndsWith('%'));

    // The kernel shows the size in KiB. Its default, and a share of the memory, are those of the host that made the mount: at most
    // that of this host's memory. 0 stands for no limit.
    private static bool IsAtMost(string? value, string? spec, long unit)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / unit;
        if (Parse(value, memory) is not { } found)
            return false;
        var most = spec is null ? memory / 2 : Parse(spec, memory);
        const long Rounding = 1 << 16; // to whole pages, and to KiB
        return most is { } limit && (limit == 0 || (found > 0 && found <= limit + (unit == 1 ? Rounding : 0)));
    }

    private static long? Parse(string? value, long memory)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        var shift = char.ToLowerInvariant(value[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, 'p' => 50, 'e' => 60, _ => 0 };
        var isShare = value[^1] == '%';
        var digits = shift > 0 || isShare ? value[..^1] : value;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        if (isShare)
            return number <= 100 ? (long)(memory / 100.0 * number) : null;
        return number <= long.MaxValue >> shift ? number << shift : long.MaxValue - (1 << 20);
    }

    private static bool IsMode(string? value) =>
        value is { Length: > 0 and <= 5 } && value.All(c => c is >= '0' and <= '7') && Convert.ToInt32(value, 8) <= 0xFFF;

    private static bool IsSameMode(string? value, string spec) => IsMode(spec) && Convert.ToInt32(value, 8) == Convert.ToInt32(spec, 8);

    private static bool IsNumber(string? value) => uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsSame(string? value, string? spec) => IsNumber(value) && IsNumber(spec)
        && uint.Parse(value!, CultureInfo.InvariantCulture) == uint.Parse(spec!, CultureInfo.InvariantCulture);

    // A context's value is quoted if it has commas.
    private static IEnumerable<string> Split(string options)
    {
        var (start, quoted) = (0, false);
        for (var at = 0; at <= options.Length; at++)
        {
            if (at < options.Length && options[at] == '"')
                quoted = !quoted;
            if (at < options.Length && (options[at] != ',' || quoted))
                continue;
            if (at > start)
                yield return options[start..at];
            start = at + 1;
        }
    }

    private static long PageSize => Environment.SystemPageSize;
}
