using System.Globalization;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>
/// The host's processes that act on a container: its conmon, and a runtime or CRIU that a killed stasis left at work. They have the container's ID
/// among their arguments or work in its folder; nothing else tells, since their parents may be gone.
/// </summary>
internal static class HelperProcesses
{
    /// <summary>Kills them and waits until they are gone. This process and the caller's own ancestors but for conmon are never among them.</summary>
    public static Task KillAsync(LockedContainer container, CancellationToken cancellation) =>
        KillAsync(container, ["conmon", "criu", Path.GetFileName(container.RuntimeName)], cancellation);

    /// <summary>Kills a runtime and a CRIU that are at work, but not conmon: the container goes on.</summary>
    public static Task KillRuntimeAsync(LockedContainer container, CancellationToken cancellation) =>
        KillAsync(container, ["criu", Path.GetFileName(container.RuntimeName)], cancellation);

    /// <summary>As <see cref="KillRuntimeAsync"/>, of those that have not ended by themselves within a time: CRIU makes processes run code of its own, and one that is killed then takes them with it.</summary>
    public static async Task WaitOrKillRuntimeAsync(LockedContainer container, TimeSpan patience, CancellationToken cancellation)
    {
        string[] programs = ["criu", Path.GetFileName(container.RuntimeName)];
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        waiting.CancelAfter(patience);
        foreach (var (pid, _) in Find(container, programs))
        {
            using var descriptor = PidFd.Open(pid);
            if (descriptor is null || Describe(pid, container, programs) is null)
                continue;
            try
            {
                await descriptor.WaitAsync(waiting.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                break;
            }
        }
        await KillRuntimeAsync(container, cancellation);
    }

    private static async Task KillAsync(LockedContainer container, string[] programs, CancellationToken cancellation)
    {
        // conmon first: it would otherwise take the death of a runtime for a failed start and go on to its exit command.
        foreach (var process in Find(container, programs).OrderByDescending(p => p.Program == "conmon"))
        {
            using var descriptor = PidFd.Open(process.Pid);
            // Looked at again now that the descriptor is held: the PID could have been given to another meanwhile.
            if (descriptor is null || Describe(process.Pid, container, programs) is null)
                continue;
            descriptor.Signal(9);
            await descriptor.WaitAsync(cancellation);
        }
    }

    private static List<(int Pid, string Program)> Find(LockedContainer container, string[] programs)
    {
        var found = new List<(int, string)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && pid != Environment.ProcessId && Describe(pid, container, programs) is { } program)
                found.Add((pid, program));
        }
        return found;
    }

    private static string? Describe(int pid, LockedContainer container, string[] programs)
    {
        try
        {
            var arguments = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            // A CRIU from another distribution is started by its own loader.
            var program = arguments is [_, "--argv0", var name, ..] ? name : Path.GetFileName(arguments[0]);
            if (!programs.Contains(program))
                return null;
            var folder = new FileInfo($"/proc/{pid}/cwd").LinkTarget;
            return arguments.Contains(container.Id) || IsBeneath(container.Paths.Directory, folder) || IsBeneath(container.Paths.RunDirectory, folder) ? program : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it has ended
        }
    }

    private static bool IsBeneath(string directory, string? path) =>
        path is not null && (path == directory || path.StartsWith(directory + '/', StringComparison.Ordinal));
}
