using System.Globalization;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Oci;

/// <summary>
/// A cgroup, by its folder (cgroups(7)). A runtime that is at work may remove it, or one beneath it, at any time: what is gone has no
/// processes.
/// </summary>
internal static class Cgroup
{
    /// <summary>The file with the PIDs of a cgroup's processes.</summary>
    public const string Members = "cgroup.procs";

    /// <summary>ENODEV, which .NET gives as HResult: the file is of a cgroup that was removed while the file was open.</summary>
    private const int NoSuchDevice = 19;

    // The files of v1's freezer and of cgroup2.
    private static readonly (string File, string Frozen, string Thawed)[] Freezers =
        [("freezer.state", "FROZEN", "THAWED"), ("cgroup.freeze", "1", "0")];

    /// <summary>
    /// Whether a folder is a cgroup. Where cgroup2 isn't visible, crun creates an ordinary folder "unified", with an ordinary file that
    /// holds the PID.
    /// </summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, Members));

    /// <summary>A cgroup and all beneath it, innermost first. A container that may create cgroups nests them as it likes.</summary>
    public static IReadOnlyList<string> Tree(string folder)
    {
        var found = new List<string>();
        var open = new Stack<string>([folder]);
        while (open.TryPop(out var next))
        {
            try
            {
                Array.ForEach(Directory.GetDirectories(next), open.Push);
                found.Add(next);
            }
            catch (Exception e) when (IsGone(e))
            {
                continue; // with all below it; the others are still found
            }
        }
        found.Reverse();
        return found;
    }

    /// <summary>The host PIDs of the processes in cgroups and beneath them, each once.</summary>
    public static IReadOnlyList<int> Processes(IEnumerable<string> folders) =>
        [.. folders.SelectMany(Tree).SelectMany(ReadMembers).Distinct()];

    /// <summary>Sends SIGKILL to processes. With v1's freezer a frozen one doesn't die before it is thawed.</summary>
    public static void Kill(IEnumerable<int> pids)
    {
        foreach (var pid in pids)
        {
            using var process = PidFd.Open(pid);
            process?.Signal(Signals.Kill);
        }
    }

    /// <summary>
    /// Begins to freeze the processes. None of them returns to its program, if it isn't in it now. False without a freezer.
    /// </summary>
    public static bool Freeze(string folder) => SetFreezer(folder, freezer => freezer.Frozen);

    /// <summary>Lets the processes run again. False without a freezer.</summary>
    public static bool Thaw(string folder) => SetFreezer(folder, freezer => freezer.Thawed);

    /// <summary>Whether all processes are frozen. v1 reads FREEZING while some still run.</summary>
    public static bool IsFrozen(string folder) => Path.Combine(folder, "freezer.state") is var state && File.Exists(state)
        ? File.ReadAllText(state).Trim() == "FROZEN"
        : File.ReadAllLines(Path.Combine(folder, "cgroup.events")).Contains("frozen 1");

    /// <summary>Whether its processes were told to freeze. A runtime takes the container for paused then.</summary>
    public static bool IsToBeFrozen(string folder) => Freezers.Any(freezer =>
        Path.Combine(folder, freezer.File) is var file && File.Exists(file) && File.ReadAllText(file).Trim() is not ("THAWED" or "0"));

    /// <summary>Moves a process into a cgroup. See <see cref="CgroupMoveWarmup"/> for what that costs.</summary>
    public static void Move(int pid, string folder) =>
        PseudoFileWriter.Write(Path.Combine(folder, Members), pid.ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// Gives the groups beneath one in cgroup2 all controllers that it has itself. Some can't be given away: the runtime reports limits
    /// that need them.
    /// </summary>
    public static void EnableControllers(string folder)
    {
        var given = File.ReadAllText(Path.Combine(folder, "cgroup.subtree_control")).Split(' ', StringSplitOptions.TrimEntries);
        foreach (var controller in File.ReadAllText(Path.Combine(folder, "cgroup.controllers")).Split(' ', StringSplitOptions.TrimEntries))
        {
            if (controller.Length == 0 || given.Contains(controller))
                continue;
            try
            {
                PseudoFileWriter.Write(Path.Combine(folder, "cgroup.subtree_control"), "+" + controller);
            }
            catch (IOException)
            {
                continue;
            }
        }
    }

    /// <summary>Whether an error says that a cgroup was removed meanwhile.</summary>
    public static bool IsGone(Exception e) =>
        e is FileNotFoundException or DirectoryNotFoundException or IOException { HResult: NoSuchDevice };

    private static IEnumerable<int> ReadMembers(string folder)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(folder, Members))
                .Select(line => int.Parse(line, CultureInfo.InvariantCulture))
                .Where(pid => pid > 0);
        }
        catch (Exception e) when (IsGone(e))
        {
            return [];
        }
    }

    private static bool SetFreezer(string folder, Func<(string File, string Frozen, string Thawed), string> value)
    {
        var isSet = false;
        foreach (var freezer in Freezers)
        {
            var file = Path.Combine(folder, freezer.File);
            if (!File.Exists(file))
                continue;
            try
            {
                PseudoFileWriter.Write(file, value(freezer));
                isSet = true;
            }
            catch (Exception e) when (IsGone(e))
            {
                continue; // no process is frozen in it
            }
        }
        return isSet;
    }

    /// <summary>Removes a cgroup and those beneath it. Does nothing for one that is gone already: the runtime removes its own.</summary>
    /// <exception cref="IOException">There are processes in one of them.</exception>
    public static void RemoveTree(string folder)
    {
        foreach (var directory in Tree(folder))
        {
            try
            {
                Directory.Delete(directory); // not recursively: the files of a cgroup can't be deleted, and vanish with it
            }
            catch (DirectoryNotFoundException)
            {
                continue;
            }
        }
    }
}
