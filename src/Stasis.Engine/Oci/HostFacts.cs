using System.Globalization;
using System.Runtime.InteropServices;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Oci;

/// <summary>Properties of this host that a container's spec depends on.</summary>
internal sealed record HostFacts
{
    // linux/capability.h, by number.
    private static readonly string[] CapabilityNames =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
        "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
        "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO",
        "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
        "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>Names of all capabilities, in the order of their numbers.</summary>
    public static IReadOnlyList<string> AllCapabilities => CapabilityNames;

    /// <summary>Capabilities that this kernel knows.</summary>
    public IReadOnlyList<string> KnownCapabilities { get; init; } = CapabilityNames;

    /// <summary>Capabilities that this process can give to containers: its bounding set.</summary>
    public IReadOnlyList<string> BoundingCapabilities { get; init; } = CapabilityNames;

    /// <summary>Whether this process may raise resource limits above their hard limit (CAP_SYS_RESOURCE).</summary>
    public bool MayRaiseLimits { get; init; } = true;

    /// <summary>The resource limits of this process, soft and hard, by their names in /proc/self/limits ("Max open files").</summary>
    public IReadOnlyDictionary<string, (ulong Soft, ulong Hard)> Limits { get; init; } = new Dictionary<string, (ulong, ulong)>();

    /// <summary>The kernel's version.</summary>
    public Version Kernel { get; init; } = Environment.OSVersion.Version;

    /// <summary>The processor's architecture.</summary>
    public Architecture Architecture { get; init; } = RuntimeInformation.OSArchitecture;

    /// <summary>The host's name.</summary>
    public string HostName { get; init; } = Environment.MachineName;

    /// <summary>The host's cgroup hierarchies.</summary>
    public HostCgroups Cgroups { get; init; } = new();

    /// <summary>File system types that the kernel knows.</summary>
    public IReadOnlyList<string> FileSystems { get; init; } = ["mqueue"];

    /// <summary>Mount points with their options, in the order in which they were mounted.</summary>
    public IReadOnlyList<(string Point, string[] Options)> Mounts { get; init; } = [];

    /// <summary>Returns those of nosuid, nodev and noexec that the mount of a path has: a bind mount of the path must keep them.</summary>
    public IReadOnlyList<string> GetMountRestrictions(string path)
    {
        var (_, options) = Mounts
            .Where(mount => path == mount.Point || path.StartsWith(mount.Point.TrimEnd('/') + "/", StringComparison.Ordinal))
            .OrderBy(mount => mount.Point.Length)
            .LastOrDefault();
        return [.. (options ?? []).Intersect(["nosuid", "nodev", "noexec"])];
    }

    /// <summary>Reads the host's properties as they are now.</summary>
    public static HostFacts Read()
    {
        var status = File.ReadAllLines("/proc/self/status");
        var mountInfo = File.ReadAllLines("/proc/self/mountinfo");
        var effective = ReadCapabilities(status, "CapEff:");
        return new HostFacts
        {
            KnownCapabilities = CapabilityNames[..Math.Min(CapabilityNames.Length, ReadLastCapability() + 1)],
            BoundingCapabilities = ReadCapabilities(status, "CapBnd:"),
            MayRaiseLimits = effective.Contains("CAP_SYS_RESOURCE"),
            Limits = ParseLimits(File.ReadAllLines("/proc/self/limits")),
            Cgroups = HostCgroups.Parse(mountInfo, File.ReadAllText),
            Mounts =
            [
                .. mountInfo.Select(line => line.Split(' ')).Select(fields => (MountTable.Unescape(fields[4]), fields[5].Split(','))),
            ],
            FileSystems = [.. File.ReadAllLines("/proc/filesystems").Select(line => line.Split('\t')[^1])],
        };
    }

    /// <summary>Parses /proc/self/limits: each line is a name of 26 columns, then the soft and the hard limit.</summary>
    internal static IReadOnlyDictionary<string, (ulong Soft, ulong Hard)> ParseLimits(IEnumerable<string> lines) =>
        lines.Skip(1).Where(line => line.Length > 26).ToDictionary(
            line => line[..26].TrimEnd(),
            line => line[26..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, var hard, ..]
                ? (ParseLimit(soft), ParseLimit(hard))
                : default);

    private static ulong ParseLimit(string text) =>
        text == "unlimited" ? ulong.MaxValue : ulong.Parse(text, CultureInfo.InvariantCulture);

    private static int ReadLastCapability() =>
        int.Parse(File.ReadAllText("/proc/sys/kernel/cap_last_cap"), CultureInfo.InvariantCulture);

    private static string[] ReadCapabilities(string[] status, string field)
    {
        var value = status.First(line => line.StartsWith(field, StringComparison.Ordinal))[field.Length..];
        var mask = ulong.Parse(value, NumberStyles.HexNumber | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
        return [.. CapabilityNames.Where((_, number) => (mask & (1UL << number)) != 0)];
    }
}
