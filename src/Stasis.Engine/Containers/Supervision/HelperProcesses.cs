using System.Globalization;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>
/// Processes of the host that work on a container: its conmon, and a runtime or a CRIU that a killed stasis left at work. They
/// are recognized by the container's ID among their arguments or by their working directory, since their parents may be gone.
/// </summary>
internal static class HelperProcesses
{
    /// <summary>Kills all of them, conmon too, and waits until they are gone. This process is never among them.</summary>
    public static Task KillAsync(LockedContainer container, CancellationToken cancellation) =>
        KillAsync(container, ["conmon", "criu", Path.GetFileName(container.RuntimeName)], cancellation);

    /// <summary>Kills a runtime and a CRIU that are at work, but not conmon: the container runs on.</summary>
    public static Task KillRuntimeAsync(LockedContainer container, CancellationToken cancellation) =>
        KillAsync(container, ["criu", Path.GetFileName(container.RuntimeName)], cancellation);

    /// <summary>
    /// Waits for a runtime and a CRIU that are at work, and kills those that take too long. CRIU has the container's processes
    /// run code of its own: a CRIU that is killed then takes them with it.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="patience">How long they may take.</param>
    /// <param name="cancellation">A cancelled call kills none of them.</param>
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
        // conmon first: otherwise it would take the end of a runtime for a failed start, and run its exit command.
        foreach (var process in Find(container, programs).OrderByDescending(p => p.Program == "conmon"))
        {
            using var descriptor = PidFd.Open(process.Pid);
            // Checked again now that the descriptor is open: the PID could have been reused meanwhile.
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
            // A CRIU of another distribution is started through its own loader.
            var program = arguments is [_, "--argv0", var name, ..] ? name : Path.GetFileName(arguments[0]);
            if (!programs.Contains(program))
                return null;
            var folder = new FileInfo($"/proc/{pid}/cwd").LinkTarget;
            var isContainers = (arguments.Contains(container.Id) && !(program == "conmon" && IsOfAnotherRoot(container, arguments)))
                || IsBeneath(container.Paths.Directory, folder)
                || IsBeneath(container.Paths.RunDirectory, folder);
            return isContainers ? program : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // the process has ended
        }
    }

    // A container of another root may have the same ID. conmon's arguments have paths of both roots.
    private static bool IsOfAnotherRoot(LockedContainer container, string[] arguments) =>
        !arguments.Any(argument => IsBeneath(container.Paths.Directory, argument) || IsBeneath(container.Paths.RunDirectory, argument));

    private static bool IsBeneath(string directory, string? path) =>
        path is not null && (path == directory || path.StartsWith(directory + '/', StringComparison.Ordinal));
}
