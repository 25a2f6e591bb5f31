using System.Globalization;
using System.Text;
using Stasis.Engine.Oci;
using Stasis.Linux.Mounts;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Jail;

/// <summary>
/// The container's own cgroups. They are made before the jail, in which everything else of the hierarchies is read-only; the runtime puts
/// CRIU, and so the container, into them, and sets the spec's limits.
/// </summary>
internal static class JailCgroups
{
    private const string Members = "cgroup.procs";
    private static readonly string Self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
    private static readonly string[] CpusetFiles = ["cpuset.cpus", "cpuset.mems"];

    /// <summary>The folders of a container's cgroups, one in each hierarchy.</summary>
    /// <param name="cgroups">The host's hierarchies.</param>
    /// <param name="path">The spec's cgroupsPath, absolute.</param>
    public static IReadOnlyList<string> Locate(HostCgroups cgroups, string path) =>
        [.. Hierarchies(cgroups).Select(hierarchy => hierarchy + path.TrimEnd('/'))];

    /// <summary>Makes a container's cgroup in each hierarchy.</summary>
    /// <param name="cgroups">The host's hierarchies.</param>
    /// <param name="path">The spec's cgroupsPath, absolute.</param>
    public static void Make(HostCgroups cgroups, string path)
    {
        foreach (var hierarchy in Hierarchies(cgroups))
        {
            var folder = hierarchy;
            foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                if (hierarchy == cgroups.Unified)
                    Delegate(folder);
                folder = Path.Combine(folder, name);
                Directory.CreateDirectory(folder);
                foreach (var file in CpusetFiles)
                    Inherit(Path.GetDirectoryName(folder)!, folder, file);
            }
        }
    }

    /// <summary>The mount points of all hierarchies, each once.</summary>
    public static IReadOnlyList<string> Hierarchies(HostCgroups cgroups) =>
        [.. cgroups.Legacy.Values.Distinct(), .. cgroups.Unified is { } unified ? [unified] : (string[])[]];

    /// <summary>Runs an action with this process in cgroups: what it starts is in them too. Moves this process back afterwards.</summary>
    public static void RunIn(IReadOnlyList<string> folders, IReadOnlyList<string> hierarchies, Action action)
    {
        List<string> before = [.. hierarchies.Select(hierarchy => Path.Combine(hierarchy, FindOwn(hierarchy).TrimStart('/')))];
        try
        {
            foreach (var folder in folders)
                Write(Path.Combine(folder, Members), Self);
            action();
        }
        finally
        {
            foreach (var folder in before)
                Write(Path.Combine(folder, Members), Self);
        }
    }

    /// <summary>
    /// Stops all processes in the cgroups. They stay so when CRIU, which holds them too, is killed. Does nothing on a host without a
    /// freezer.
    /// </summary>
    public static void Freeze(IReadOnlyList<string> folders) => SetFreezer(folders, "FROZEN", "1");

    /// <summary>Lets the processes in the cgroups run again.</summary>
    public static void Thaw(IReadOnlyList<string> folders) => SetFreezer(folders, "THAWED", "0");

    /// <summary>Sends SIGKILL to all processes in the cgroups and beneath them.</summary>
    public static void Kill(IReadOnlyList<string> folders)
    {
        foreach (var pid in folders.SelectMany(Processes).Distinct())
        {
            using var process = PidFd.Open(pid);
            process?.Signal(Signals.Kill);
        }
    }

    /// <summary>The processes in a cgroup and beneath it.</summary>
    public static IEnumerable<int> Processes(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        return Directory.EnumerateFiles(folder, Members, SearchOption.AllDirectories)
            .SelectMany(File.ReadAllLines).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Where(pid => pid > 0);
    }

    // The cgroup of this process in the hierarchy that is mounted there: the one whose members it is among.
    private static string FindOwn(string hierarchy)
    {
        var device = MountEntry.Read("self").Last(entry => entry.Point == hierarchy);
        foreach (var line in File.ReadLines("/proc/self/cgroup"))
        {
            // "4:memory:/path"; "0::/path" for cgroup2.
            var fields = line.Split(':', 3);
            var isHere = fields[1].Length == 0
                ? device.Type == "cgroup2"
                : device.SuperOptions.Intersect(fields[1].Split(',')).Any();
            if (isHere)
                return fields[2];
        }
        return "/";
    }

    // A new group of v1's cpuset has neither processors nor memory, and takes no process.
    private static void Inherit(string parent, string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (File.Exists(path) && File.ReadAllText(path).Trim().Length == 0 && File.Exists(Path.Combine(parent, "cgroup.clone_children")))
            Write(path, File.ReadAllText(Path.Combine(parent, file)));
    }

    // cgroup2 gives a group's children no controller by itself. Some can't be given away: the runtime reports limits that need them.
    private static void Delegate(string folder)
    {
        var given = File.ReadAllText(Path.Combine(folder, "cgroup.subtree_control")).Split(' ', StringSplitOptions.TrimEntries);
        foreach (var controller in File.ReadAllText(Path.Combine(folder, "cgroup.controllers")).Split(' ', StringSplitOptions.TrimEntries))
        {
            if (controller.Length == 0 || given.Contains(controller))
                continue;
            try
            {
                Write(Path.Combine(folder, "cgroup.subtree_control"), "+" + controller);
            }
            catch (IOException)
            {
                continue;
            }
        }
    }

    // The files of v1's freezer and of cgroup2.
    private static void SetFreezer(IReadOnlyList<string> folders, string legacy, string unified)
    {
        foreach (var folder in folders)
        {
            foreach (var (file, value) in ((string, string)[])[("freezer.state", legacy), ("cgroup.freeze", unified)])
            {
                if (Path.Combine(folder, file) is var path && File.Exists(path))
                    Write(path, value);
            }
        }
    }

    private static void Write(string path, string value)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(Encoding.ASCII.GetBytes(value));
    }
}
