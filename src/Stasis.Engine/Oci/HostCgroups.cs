namespace Stasis.Engine.Oci;

/// <summary>
/// The cgroup hierarchies that this process sees (cgroups(7)), read from /proc/self/mountinfo. Of several mounts of a hierarchy,
/// one of its root is preferred. The other mounts show a part of the hierarchy, which is all there is within a container.
/// </summary>
internal sealed record HostCgroups
{
    /// <summary>Controllers that are available, by their names in v1 and v2: "memory", "pids", "cpu", ….</summary>
    public IReadOnlySet<string> Controllers { get; init; } = new HashSet<string>();

    /// <summary>Mount point of cgroup2; null if it isn't mounted.</summary>
    public string? Unified { get; init; }

    /// <summary>Mount points of v1 hierarchies by controller; "name=systemd" for the named one.</summary>
    public IReadOnlyDictionary<string, string> Legacy { get; init; } = new Dictionary<string, string>();

    /// <summary>Only cgroup2 is mounted. Containers then get a cgroup namespace, as with Podman.</summary>
    public bool IsUnified => Unified is not null && Legacy.Count == 0;

    /// <summary>Whether swap can be limited.</summary>
    public bool HasSwapLimit => Legacy.TryGetValue("memory", out var memory)
        ? File.Exists(Path.Combine(memory, "memory.memsw.limit_in_bytes"))
        : Controllers.Contains("memory") && File.Exists("/proc/swaps");

    /// <summary>Reads the hierarchies as they are now.</summary>
    public static HostCgroups Read() => Parse(File.ReadAllLines("/proc/self/mountinfo"), File.ReadAllText);

    /// <summary>
    /// Whether a mount point belongs to a CRIU at work, which mounts hierarchies for a moment in a folder whose name begins with
    /// ".criu.cgyard." or ".criu.cgmounts." (criu/cgroup.c).
    /// </summary>
    public static bool IsTemporaryCriuMount(string point) => point.Contains("/.criu.cg", StringComparison.Ordinal);

    internal static HostCgroups Parse(IEnumerable<string> mountInfo, Func<string, string> read)
    {
        string? unified = null;
        var legacy = new Dictionary<string, string>();
        // proc(5): ID parent device root mount-point options [tags…] - type source super-options
        var mounts = mountInfo.Select(line => line.Split(' ')).Where(fields => !IsTemporaryCriuMount(fields[4]));
        foreach (var fields in mounts.OrderBy(fields => fields[3] != "/"))
        {
            var dash = Array.IndexOf(fields, "-");
            if (fields[dash + 1] == "cgroup2")
                unified ??= fields[4];
            else if (fields[dash + 1] == "cgroup")
                foreach (var option in fields[dash + 3].Split(',').Where(option => option is not ("rw" or "ro" or "xattr")))
                    legacy.TryAdd(option, fields[4]);
        }
        string[] inUnified = unified is null
            ? []
            : read(Path.Combine(unified, "cgroup.controllers")).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return new HostCgroups
        {
            Unified = unified,
            Legacy = legacy,
            Controllers = legacy.Keys.Where(name => !name.StartsWith("name=", StringComparison.Ordinal)).Concat(inUnified).ToHashSet(),
        };
    }
}
