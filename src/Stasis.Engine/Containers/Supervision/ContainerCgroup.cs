using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>A container's cgroups: a directory in each v1 hierarchy, or the one in cgroup2 (hybrid hosts have both).</summary>
internal static class ContainerCgroup
{
    private const string Root = "/sys/fs/cgroup";

    // In milliseconds. A process is frozen when it gets a processor: on a busy machine that takes its time, and runc 1.1 gives up sooner.
    private const int FirstFreezeLimit = 50, LastFreezeLimit = 1600;

    /// <summary>Returns the directories that exist.</summary>
    public static IReadOnlyList<string> Directories(Container container)
    {
        if (container.Resources is { Cgroups: var known })
            return [.. known.Where(Directory.Exists)];
        // Only absolute paths that Stasis has chosen. The runtime removes any other (systemd's slice:prefix:name).
        if (container.Spec.Linux?.CgroupsPath is not ['/', ..] path || !path.Contains(container.Id, StringComparison.Ordinal))
            return [];
        IEnumerable<string> hierarchies = [];
        if (File.Exists(Path.Combine(Root, "cgroup.controllers")))
            hierarchies = [Root];
        else if (Directory.Exists(Root))
            hierarchies = Directory.EnumerateDirectories(Root).Where(d => new FileInfo(d).LinkTarget is null && Cgroup.Exists(d));
        return [.. hierarchies.Select(h => h + path).Where(Directory.Exists)];
    }

    /// <summary>Returns the host PIDs of all processes of the container.</summary>
    public static IReadOnlyList<int> Processes(Container container) =>
        [.. Cgroup.Processes(Directories(container)).Order()];

    /// <summary>
    /// Requires that nobody else's processes are in the cgroups, whose paths have only the container's ID: another root may have a
    /// container with the same. Called before a container is started or restored.
    /// </summary>
    /// <exception cref="InUseException">There are.</exception>
    public static void RequireUnused(Container container, ContainerLayout paths)
    {
        if (Directory.Exists(paths.RunDirectory))
            return; // what this root has left there
        foreach (var directory in Directories(container))
        {
            if (Cgroup.Processes([directory]) is not [var first, ..])
                continue;
            throw new InUseException(
                $"container {container.Name}: a container with the same ID runs already, under another root: "
                + $"process {first} is in the cgroup {directory}")
            {
                Remedy = Remedy.Create(
                    $"stop that container; or restore this one under a new name, and with it a new ID "
                    + $"({new RemedyOption(RemedyOptionKind.Name, "NAME")})"),
            };
        }
    }

    /// <summary>Kills all processes in the cgroups, until none is left.</summary>
    /// <exception cref="StasisException">A process is still there after ten seconds.</exception>
    public static async Task KillAsync(Container container, CancellationToken cancellation)
    {
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(10);
        for (var directories = Directories(container); ; await Task.Delay(5, cancellation))
        {
            var left = Cgroup.Processes(directories);
            if (left.Count == 0)
                return;
            if (DateTime.UtcNow > deadline)
            {
                throw new StasisException($"processes of container {container.Name} do not die: {string.Join(' ', left)}")
                {
                    Remedy = "a process in state D waits for a device: look at /proc/PID/stack",
                };
            }
            Cgroup.Kill(left);
            // Thawed only now: a process with a pending SIGKILL dies when it is thawed. Without one it would run on beside its
            // restored copy.
            foreach (var directory in directories.SelectMany(Cgroup.Tree))
                Cgroup.Thaw(directory);
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
        var file = HasLegacyFreezer(container) ? "freezer.state" : "cgroup.freeze";
        if (directories.FirstOrDefault(directory => File.Exists(Path.Combine(directory, file))) is not { } freezer)
            return false;
        try
        {
            for (var limit = FirstFreezeLimit; limit <= LastFreezeLimit; limit *= 2)
            {
                if (!Cgroup.Freeze(freezer))
                    return false;
                var since = Environment.TickCount64;
                while (!Cgroup.IsFrozen(freezer) && Environment.TickCount64 - since <= limit)
                    await Task.Delay(1);
                if (Cgroup.IsFrozen(freezer))
                    return true;
                Cgroup.Thaw(freezer);
            }
            return false;
        }
        catch (Exception e) when (Cgroup.IsGone(e))
        {
            return false; // the container has ended, which the runtime reports
        }
    }

    /// <summary>Whether v1's freezer freezes the processes.</summary>
    public static bool HasLegacyFreezer(Container container) =>
        Directories(container).Any(directory => File.Exists(Path.Combine(directory, "freezer.state")));

    /// <summary>
    /// Lets the processes run again. The runtimes' resume does the same (the freezer itself is their record of what is paused),
    /// but takes tens of milliseconds to start. Returns false if the cgroup isn't visible; the caller then uses the runtime.
    /// </summary>
    public static bool TryThaw(Container container)
    {
        var thawed = false;
        foreach (var directory in Directories(container))
            thawed |= Cgroup.Thaw(directory);
        return thawed;
    }

    /// <summary>Removes the directories. No process may be in them.</summary>
    public static void Remove(Container container)
    {
        foreach (var directory in Directories(container))
            Cgroup.RemoveTree(directory);
    }
}
