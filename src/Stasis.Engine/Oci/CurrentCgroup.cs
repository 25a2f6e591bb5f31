namespace Stasis.Engine.Oci;

/// <summary>This process's cgroup in one hierarchy.</summary>
/// <param name="Line">The line of /proc/self/cgroup: "4:memory:/path", "0::/path" for cgroup2.</param>
/// <param name="Hierarchy">Where the hierarchy is mounted; null if it isn't.</param>
/// <param name="Path">The cgroup's path in the hierarchy.</param>
internal sealed record CurrentCgroup(string Line, string? Hierarchy, string Path)
{
    /// <summary>Reads them all.</summary>
    public static IReadOnlyList<CurrentCgroup> ReadAll(HostCgroups host) =>
        [.. File.ReadAllLines("/proc/self/cgroup").Select(line => Parse(line, host))];

    private static CurrentCgroup Parse(string line, HostCgroups host)
    {
        var fields = line.Split(':', 3);
        var hierarchy = fields[1].Length == 0
            ? host.Unified
            : fields[1].Split(',').Select(host.Legacy.GetValueOrDefault).FirstOrDefault(point => point is not null);
        return new CurrentCgroup(line, hierarchy, fields[2]);
    }
}
