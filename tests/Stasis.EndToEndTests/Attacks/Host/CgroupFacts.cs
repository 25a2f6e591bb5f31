using System.Globalization;
using System.Text.RegularExpressions;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>
/// Facts about the host's cgroups, which all test runs on a machine share. A group that is named by an ID (32 hexadecimal digits or more),
/// or lies where ctr puts its containers, is some container's, and comes and goes with the container; nothing but its existence is looked
/// at.
/// </summary>
internal static partial class CgroupFacts
{
    private const string Root = "/sys/fs/cgroup";

    // Of the canary's group. Not those that count, such as cpu.stat.
    private static readonly string[] Values =
    [
        "cgroup.procs", "cgroup.freeze", "cgroup.subtree_control", "cgroup.type", "freezer.state", "freezer.self_freezing", "pids.max",
        "memory.limit_in_bytes", "memory.swappiness", "memory.max", "cpu.shares", "cpu.cfs_quota_us", "cpu.max", "cpu.weight",
        "cpuset.cpus", "cpuset.mems", "devices.list", "blkio.weight", "notify_on_release",
    ];

    /// <summary>The folders of all hierarchies.</summary>
    /// <param name="canary">Name of the test's group in each hierarchy, whose files are looked at too.</param>
    public static IEnumerable<Fact> Read(string canary) => Hierarchies().SelectMany(hierarchy => Walk(hierarchy, canary));

    /// <summary>The groups of a container.</summary>
    public static IEnumerable<Fact> ReadContainer(string id) =>
        Hierarchies()
            .SelectMany(hierarchy => Directory.EnumerateDirectories(hierarchy, $"*{id}*", SearchOption.AllDirectories))
            .SelectMany(group => (Fact[])
            [
                new($"cgroup {group}", DescribeStatus(group)),
                .. Directory.EnumerateFiles(group).Select(file => new Fact($"cgroup file {file}", DescribeStatus(file))),
            ]);

    /// <summary>PIDs of a container's processes, as the test's PID namespace numbers them.</summary>
    public static IEnumerable<string> ReadProcesses(string id) =>
        Hierarchies()
            .SelectMany(hierarchy => Directory.EnumerateDirectories(hierarchy, $"*{id}*", SearchOption.AllDirectories))
            .SelectMany(group => File.ReadAllLines(Path.Combine(group, "cgroup.procs")))
            .Distinct();

    /// <summary>Whether a fact is of a container's group.</summary>
    public static bool IsOfContainer(string subject) => subject.StartsWith("cgroup ", StringComparison.Ordinal) && Id().IsMatch(subject);

    /// <summary>Folders that a hierarchy is mounted at.</summary>
    public static IEnumerable<string> Hierarchies() =>
        File.Exists(Path.Combine(Root, "cgroup.procs"))
            ? [Root]
            : Directory.EnumerateDirectories(Root).Where(folder => new DirectoryInfo(folder).LinkTarget is null); // "cpu" may be one

    private static IEnumerable<Fact> Walk(string group, string canary)
    {
        List<Fact> facts = [];
        string[] inner;
        try
        {
            if (Id().IsMatch(group))
            {
                facts.Add(new Fact($"cgroup {group}", "a container's"));
            }
            else
            {
                facts.Add(new Fact($"cgroup {group}", DescribeStatus(group)));
                facts.Add(new Fact($"cgroup {group}/cgroup.procs", DescribeStatus(Path.Combine(group, "cgroup.procs"))));
            }
            if (Path.GetFileName(group) == canary)
                facts.AddRange(ReadFiles(group));
            inner = Directory.GetDirectories(group);
        }
        catch (Exception e) when (e is IOException or LinuxException)
        {
            return []; // removed meanwhile
        }
        return [.. facts, .. inner.SelectMany(folder => Walk(folder, canary))];
    }

    private static IEnumerable<Fact> ReadFiles(string folder) =>
        from path in Directory.EnumerateFiles(folder)
        let value = Values.Contains(Path.GetFileName(path)) ? ReadValue(path) : ""
        where Path.GetFileName(path) != "cgroup.procs" || value.Length > 0
        select new Fact($"cgroup file {path}", $"{DescribeStatus(path)} {value}");

    private static string ReadValue(string path)
    {
        try
        {
            return "value " + string.Join(' ', File.ReadAllText(path).Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries));
        }
        catch (IOException e)
        {
            return $"unreadable: {e.Message}";
        }
    }

    private static string DescribeStatus(string path) => FileStatus.TryRead(path) is { } status
        ? string.Create(CultureInfo.InvariantCulture, $"mode {Convert.ToString(status.Mode, 8)} owner {status.Uid}:{status.Gid}")
        : "missing";

    [GeneratedRegex("[0-9a-f]{32}|/default/[^/]+")]
    private static partial Regex Id();
}
