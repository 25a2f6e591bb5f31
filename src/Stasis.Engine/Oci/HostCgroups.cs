namespace Stasis.Engine.Oci;

/// <summary>
/// The cgroup hierarchies that this process sees (cgroups(7)), out of /proc/self/mountinfo. Where one is mounted several times, a mount of its root counts most: the others show
/// a part of it, which is all there is within a container.
/// </summary>
internal sealed record HostCgroups
{
    /// <summary>Controllers that can limit something here, v1's and v2's names: "memory", "pids", "cpu", ….</summary>
    public IReadOnlySet<string> Controllers { get; init; } = new HashSet<string>();

    /// <summary>Mount point of cgroup2, if it is there.</summary>
    public string? Unified { get; init; }

    /// <summary>Mount points of v1 hierarchies by controller; "name=systemd" for the named one.</summary>
    public IReadOnlyDictionary<string, string> Legacy { get; init; } = new Dictionary<string, string>();

    /// <summary>Only cgroup2 is there: then containers get a cgroup namespace, as with Podman.</summary>
    public bool IsUnified => Unified is not null && Legacy.Count == 0;

    /// <summary>Swap can be limited.</summary>
    public bool HasSwapLimit => Legacy.TryGetValue("memory", out var memory)
        ? File.Exists(Path.Combine(memory, "memory.memsw.limit_in_bytes"))
        : Controllers.Contains("memory") && File.Exists("/proc/swaps");

    /// <summary>The hierarchies as they are now.</summary>
    public static HostCgroups Read() => Parse(File.ReadAllLines("/proc/self/mountinfo"), File.ReadAllText);

    /// <summary>Whether a mount point is one of a CRIU at work, which it makes for a moment: in a folder whose name begins with ".criu.cgyard." or ".criu.cgmounts." (criu/cgroup.c).</summary>
    public static bool IsTemporaryCriuMount(string point) => point.Contains("/.criu.cg", StringComparison.Ordinal);

    internal static HostCgroups Parse(IEnumerable<string> mountInfo, Func<string, string> read)
    {
        string? unified = null;
        var legacy = new Dictionary<string, string>();
        // proc(5): ID parent device root mount-point options [tags…] - type source super-options
        foreach (var fields in mountInfo.Select(line => line.Split(' ')).Where(fields => !IsTemporaryCriuMount(fields[4])).OrderBy(fields => fields[3] != "/"))
        {
            var dash = Array.IndexOf(fields, "-");
            if (fields[dash + 1] == "cgroup2")
                unified ??= fields[4];
            else if (fields[dash + 1] == "cgroup")
                foreach (var option in fields[dash + 3].Split(',').Where(option => option is not ("rw" or "ro" or "xattr")))
                    legacy.TryAdd(option, fields[4]);
        }
        string[] inUnified = unified is null ? [] : read(Path.Combine(unified, "cgroup.controllers")).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return new HostCgroups
        {
            Unified = unified,
            Legacy = legacy,
            Controllers = legacy.Keys.Where(name => !name.StartsWith("name=", StringComparison.Ordinal)).Concat(inUnified).ToHashSet(),
        };
    }
}
