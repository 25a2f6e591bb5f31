using Stasis.Engine.Oci;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Jail;

/// <summary>
/// The container's own cgroups. They are made before the jail, in which everything else of the hierarchies is read-only; the runtime puts
/// CRIU, and so the container, into them, and sets the spec's limits.
/// </summary>
internal static class JailCgroups
{
    private static readonly string[] CpusetFiles = ["cpuset.cpus", "cpuset.mems"];

    /// <summary>The folders of a container's cgroups, one in each hierarchy.</summary>
    /// <param name="cgroups">The host's hierarchies.</param>
    /// <param name="path">The spec's cgroupsPath, absolute.</param>
    public static IReadOnlyList<string> Locate(HostCgroups cgroups, string path) =>
        [.. FindHierarchies(cgroups).Select(hierarchy => hierarchy + path.TrimEnd('/'))];

    /// <summary>Removes cgroups without processes, and those beneath them. A cgroup with processes stays.</summary>
    public static void Remove(IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
        {
            try
            {
                Cgroup.RemoveTree(folder);
            }
            catch (IOException)
            {
                continue; // it is in use
            }
        }
    }

    /// <summary>Makes a container's cgroup in each hierarchy.</summary>
    /// <param name="cgroups">The host's hierarchies.</param>
    /// <param name="path">The spec's cgroupsPath, absolute.</param>
    public static void Create(HostCgroups cgroups, string path)
    {
        foreach (var hierarchy in FindHierarchies(cgroups))
        {
            var folder = hierarchy;
            foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                if (hierarchy == cgroups.Unified)
                    Cgroup.EnableControllers(folder);
                folder = Path.Combine(folder, name);
                Directory.CreateDirectory(folder);
                foreach (var file in CpusetFiles)
                    CopyCpuset(Path.GetDirectoryName(folder)!, folder, file);
            }
        }
    }

    /// <summary>The mount points of all hierarchies, each once.</summary>
    public static IReadOnlyList<string> FindHierarchies(HostCgroups cgroups) =>
        [.. cgroups.Legacy.Values.Distinct(), .. cgroups.Unified is { } unified ? [unified] : (string[])[]];

    /// <summary>Runs an action with this process in cgroups: what it starts is in them too. Moves this process back afterwards.</summary>
    public static T RunIn<T>(IReadOnlyList<string> folders, Func<T> action)
    {
        List<string> before = [.. CurrentCgroup.ReadAll(HostCgroups.Read()).Where(own => own.Hierarchy is not null)
            .Select(own => own.Hierarchy + own.Path)];
        try
        {
            foreach (var folder in folders)
                Cgroup.Move(Environment.ProcessId, folder);
            return action();
        }
        finally
        {
            foreach (var folder in before)
                Cgroup.Move(Environment.ProcessId, folder);
        }
    }

    /// <summary>
    /// Has all processes in the cgroups stand still. They stay so when CRIU, which holds them too, is killed. Does nothing on a host
    /// without a freezer.
    /// </summary>
    public static void Freeze(IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
            Cgroup.Freeze(folder);
    }

    /// <summary>Lets the processes in the cgroups run again.</summary>
    public static void Thaw(IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
            Cgroup.Thaw(folder);
    }

    /// <summary>
    /// Moves the processes that aren't in a container's PID namespace out of its cgroups, to where this process is. They run again; what
    /// stays is frozen as before.
    /// </summary>
    /// <param name="folders">The container's cgroups.</param>
    /// <param name="first">PID of the container's first process.</param>
    /// <param name="moved">Gets the processes that are moved, also if this fails.</param>
    public static void MoveOutsidersOut(IReadOnlyList<string> folders, int first, IDictionary<int, PidFd> moved)
    {
        var own = CurrentCgroup.ReadAll(HostCgroups.Read()).Where(group => group.Hierarchy is not null).ToList();
        var inside = ReadPidNamespace(first);
        foreach (var folder in folders)
        {
            // A host can have hierarchies beneath each other's mount points: the longest is the folder's.
            var target = own.Where(group => folder.StartsWith(group.Hierarchy + "/", StringComparison.Ordinal))
                .MaxBy(group => group.Hierarchy!.Length);
            foreach (var pid in Cgroup.Processes([folder]).Where(pid => ReadPidNamespace(pid) is { } space && space != inside))
            {
                if (target is null || (!moved.ContainsKey(pid) && !TryHold(pid)))
                    continue;
                Cgroup.Move(pid, target.Hierarchy + target.Path);
            }
        }

        bool TryHold(int pid)
        {
            if (PidFd.Open(pid) is not { } process)
                return false; // it has ended
            moved.Add(pid, process);
            return true;
        }
    }

    // Null if the process has ended.
    private static string? ReadPidNamespace(int pid) => new FileInfo(FormattableString.Invariant($"/proc/{pid}/ns/pid")).LinkTarget;

    // A new group of v1's cpuset has neither processors nor memory, and takes no process.
    private static void CopyCpuset(string parent, string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (File.Exists(path) && File.ReadAllText(path).Trim().Length == 0 && File.Exists(Path.Combine(parent, "cgroup.clone_children")))
            PseudoFileWriter.Write(path, File.ReadAllText(Path.Combine(parent, file)));
    }
}
