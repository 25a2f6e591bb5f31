using System.Globalization;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>A container's cgroups: one directory in each v1 hierarchy, or the one of cgroup2 (hybrid hosts have both).</summary>
internal static class ContainerCgroup
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>ENODEV, which .NET passes on as it is: a file of a cgroup that was removed while it was open.</summary>
    private const int NoSuchDevice = 19;

    // Milliseconds.
    private const int FreezeLimit = 50;

    /// <summary>Those of its directories that are there.</summary>
    public static IReadOnlyList<string> Directories(Container container)
    {
        // What isn't an absolute path of our own making (systemd's slice:prefix:name) is the runtime's to remove.
        if (container.Spec.Linux?.CgroupsPath is not ['/', ..] path || !path.Contains(container.Id, StringComparison.Ordinal))
            return [];
        IEnumerable<string> hierarchies = File.Exists(Path.Combine(Root, "cgroup.controllers")) ? [Root]
            : Directory.Exists(Root) ? Directory.EnumerateDirectories(Root).Where(d => new FileInfo(d).LinkTarget is null && IsCgroup(d)) : [];
        return [.. hierarchies.Select(h => h + path).Where(Directory.Exists)];
    }

    /// <summary>Host PIDs of all its processes.</summary>
    public static IReadOnlyList<int> Processes(Container container) =>
        [.. Directories(container).SelectMany(Tree).SelectMany(Processes).Distinct().Order()];

    /// <summary>Kills whatever is in them, until nothing is.</summary>
    /// <exception cref="StasisException">Something doesn't die.</exception>
    public static async Task KillAsync(Container container, CancellationToken cancellation)
    {
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(10);
        for (var directories = Directories(container); ; await Task.Delay(5, cancellation))
        {
            var left = directories.SelectMany(Tree).SelectMany(Processes).Distinct().ToList();
            if (left.Count == 0)
                return;
            if (DateTime.UtcNow > deadline)
                throw new StasisException($"processes of container {container.Name} do not die: {string.Join(' ', left)}") { Remedy = "a process in state D waits for a device: look at /proc/PID/stack" };
            foreach (var pid in left)
            {
                using var process = PidFd.Open(pid);
                process?.Signal(9);
            }
            // Only now: a process that has a SIGKILL waiting dies when it is thawed. One that hasn't would run on, and do once more what a restored one does.
            foreach (var directory in directories.SelectMany(Tree))
                Thaw(directory);
        }
    }

    /// <summary>
    /// Has its processes stand still, as the runtimes' pause does, but for the time that these take to end afterwards. False if the cgroup isn't in sight, or they don't all
    /// come to a stand (v1's freezer can miss some on a busy machine while they fork): then they run on, and it is for the runtime, which has ways for that.
    /// </summary>
    public static async Task<bool> TryFreezeAsync(Container container)
    {
        var directories = Directories(container);
        var (file, value) = directories.Any(directory => File.Exists(Path.Combine(directory, "freezer.state"))) ? ("freezer.state", "FROZEN") : ("cgroup.freeze", "1");
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
            return false; // it ended: the runtime says so
        }
    }

    /// <summary>
    /// Lets its processes run on. The runtimes' resume does the same (they take the freezer itself for their record of what is paused), but takes tens of milliseconds
    /// to come to it. False if the cgroup isn't in sight: then it is for the runtime.
    /// </summary>
    public static bool TryThaw(Container container)
    {
        var thawed = false;
        foreach (var directory in Directories(container))
            thawed |= Thaw(directory);
        return thawed;
    }

    /// <summary>Removes the directories, when no process is in them any more.</summary>
    public static void Remove(Container container)
    {
        foreach (var directory in Directories(container).SelectMany(Tree))
        {
            try
            {
                Directory.Delete(directory); // not recursively: the files in a cgroup can't be removed, and go with it
            }
            catch (DirectoryNotFoundException)
            {
                // The runtime was faster.
            }
        }
    }

    // Where cgroup2 is out of sight, crun makes an ordinary folder "unified", with an ordinary file of the PID in it.
    private static bool IsCgroup(string directory) => File.Exists(Path.Combine(directory, "cgroup.procs"));

    // Innermost first. A runtime that is still at it may take some away meanwhile, which hides none of the others; a container that may make cgroups nests them as it likes.
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
                // With all that was in it.
            }
        }
        found.Reverse();
        return found;
    }

    private static IEnumerable<int> Processes(string directory)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(directory, "cgroup.procs")).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Where(pid => pid > 0);
        }
        catch (Exception e) when (IsGone(e))
        {
            return [];
        }
    }

    // A frozen process doesn't die with v1's freezer before it's thawed.
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
                // Nobody in it stands still.
            }
        }
        return thawed;
    }

    // It went away meanwhile.
    private static bool IsGone(Exception e) => e is FileNotFoundException or DirectoryNotFoundException or IOException { HResult: NoSuchDevice };

    private static void Write(string path, string value)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(handle, System.Text.Encoding.ASCII.GetBytes(value), 0);
    }

    // v1 says FREEZING as long as some still run.
    private static bool IsFrozen(string directory)
    {
        var state = Path.Combine(directory, "freezer.state");
        return File.Exists(state) ? File.ReadAllText(state).Trim() == "FROZEN" : File.ReadLines(Path.Combine(directory, "cgroup.events")).Contains("frozen 1");
    }
}
