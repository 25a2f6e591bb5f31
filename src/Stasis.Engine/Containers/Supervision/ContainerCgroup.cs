using System.Globalization;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>A container's cgroups: a directory in each v1 hierarchy, or the one in cgroup2 (hybrid hosts have both).</summary>
internal static class ContainerCgroup
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>ENODEV, which .NET gives as HResult: the file is of a cgroup that was removed while the file was open.</summary>
    private const int NoSuchDevice = 19;

    // In milliseconds.
    private const int FreezeLimit = 50;

    /// <summary>Returns the directories that exist.</summary>
    public static IReadOnlyList<string> Directories(Container container)
    {
        // Only absolute paths that Stasis has chosen. The runtime removes any other (systemd's slice:prefix:name).
        if (container.Spec.Linux?.CgroupsPath is not ['/', ..] path || !path.Contains(container.Id, StringComparison.Ordinal))
            return [];
        IEnumerable<string> hierarchies = [];
        if (File.Exists(Path.Combine(Root, "cgroup.controllers")))
            hierarchies = [Root];
        else if (Directory.Exists(Root))
            hierarchies = Directory.EnumerateDirectories(Root).Where(d => new FileInfo(d).LinkTarget is null && IsCgroup(d));
        return [.. hierarchies.Select(h => h + path).Where(Directory.Exists)];
    }

    /// <summary>Returns the host PIDs of all processes of the container.</summary>
    public static IReadOnlyList<int> Processes(Container container) =>
        [.. Directories(container).SelectMany(Tree).SelectMany(Processes).Distinct().Order()];

    /// <summary>Kills all processes in the cgroups, until none is left.</summary>
    /// <exception cref="StasisException">A process is still there after ten seconds.</exception>
    public static async Task KillAsync(Container container, CancellationToken cancellation)
    {
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(10);
        for (var directories = Directories(container); ; await Task.Delay(5, cancellation))
        {
            var left = directories.SelectMany(Tree).SelectMany(Processes).Distinct().ToList();
            if (left.Count == 0)
                return;
            if (DateTime.UtcNow > deadline)
            {
                throw new StasisException($"processes of container {container.Name} do not die: {string.Join(' ', left)}")
                {
                    Remedy = "a process in state D waits for a device: look at /proc/PID/stack",
                };
            }
            foreach (var pid in left)
            {
                using var process = PidFd.Open(pid);
                process?.Signal(9);
            }
            // Thawed only now: a process with a pending SIGKILL dies when it is thawed. Without one it would run on beside its
            // restored copy.
            foreach (var directory in directories.SelectMany(Tree))
                Thaw(directory);
        }
    }

    /// <summary>
    /// Freezes all processes, as the runtimes' pause does, but without the time that a runtime takes to end. Returns false, with
    /// the processes running, if the cgroup isn't visible or if they don't all freeze (v1's freezer can miss some on a busy
    /// machine while they fork). The caller then uses the runtime, which retries.
    /// </summary>
    public static async Task<bool> TryFreezeAsync(Container container)
    {
        var directories = Directories(container);
        var isLegacy = directories.Any(directory => File.Exists(Path.Combine(directory, "freezer.state")));
        var (file, value) = isLegacy ? ("freezer.state", "FROZEN") : ("cgroup.freeze", "1");
        if (directories.FirstOrDefault(directory => File.Exists(Path.Combine(directory, file))) is not { } freezer)
            return false;
        try
        {
            Write(Path.Combine(freezer, file), value);
            for (var since = Environment.TickCount64; !IsFrozen(freezer); await Task.Delay(1))
            {
                if (Environment.TickCount64 - since <= FreezeLimit)
                    continue;
                Thaw(freezer);
                return false;
            }
            return true;
        }
        catch (Exception e) when (IsGone(e))
        {
            return false; // the container has ended, which the runtime reports
        }
    }

    /// <summary>
    /// Lets the processes run again. The runtimes' resume does the same (the freezer itself is their record of what is paused),
    /// but takes tens of milliseconds to start. Returns false if the cgroup isn't visible; the caller then uses the runtime.
    /// </summary>
    public static bool TryThaw(Container container)
    {
        var thawed = false;
        foreach (var directory in Directories(container))
            thawed |= Thaw(directory);
        return thawed;
    }

    /// <summary>Removes the directories. No process may be in them.</summary>
    public static void Remove(Container container)
    {
        foreach (var directory in Directories(container).SelectMany(Tree))
        {
            try
            {
                Directory.Delete(directory); // not recursively: the files of a cgroup can't be deleted, and vanish with it
            }
            catch (DirectoryNotFoundException)
            {
                // The runtime has removed it.
            }
        }
    }

    // Where cgroup2 isn't visible, crun creates an ordinary folder "unified", with an ordinary file that holds the PID.
    private static bool IsCgroup(string directory) => File.Exists(Path.Combine(directory, "cgroup.procs"));

    // Innermost first. A container that may create cgroups nests them as it likes. A runtime that is at work may remove some
    // meanwhile: the others are still found.
    private static List<string> Tree(string directory)
    {
        var found = new List<string>();
        var open = new Stack<string>([directory]);
        while (open.TryPop(out var next))
        {
            try
            {
                Array.ForEach(Directory.GetDirectories(next), open.Push);
                found.Add(next);
            }
            catch (Exception e) when (IsGone(e))
            {
                // Removed meanwhile, with all below it.
            }
        }
        found.Reverse();
        return found;
    }

    private static IEnumerable<int> Processes(string directory)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(directory, "cgroup.procs"))
                .Select(line => int.Parse(line, CultureInfo.InvariantCulture))
                .Where(pid => pid > 0);
        }
        catch (Exception e) when (IsGone(e))
        {
            return [];
        }
    }

    // With v1's freezer a frozen process doesn't die before it is thawed.
    private static bool Thaw(string directory)
    {
        var thawed = false;
        foreach (var (file, value) in ((string, string)[])[("freezer.state", "THAWED"), ("cgroup.freeze", "0")])
        {
            var path = Path.Combine(directory, file);
            if (!File.Exists(path))
                continue;
            try
            {
                Write(path, value);
                thawed = true;
            }
            catch (Exception e) when (IsGone(e))
            {
                // The cgroup is gone, and no process is frozen in it.
            }
        }
        return thawed;
    }

    // The cgroup was removed meanwhile.
    private static bool IsGone(Exception e) =>
        e is FileNotFoundException or DirectoryNotFoundException or IOException { HResult: NoSuchDevice };

    private static void Write(string path, string value)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(handle, System.Text.Encoding.ASCII.GetBytes(value), 0);
    }

    // v1 reads FREEZING while some processes still run.
    private static bool IsFrozen(string directory)
    {
        var state = Path.Combine(directory, "freezer.state");
        return File.Exists(state)
            ? File.ReadAllText(state).Trim() == "FROZEN"
            : File.ReadLines(Path.Combine(directory, "cgroup.events")).Contains("frozen 1");
    }
}
