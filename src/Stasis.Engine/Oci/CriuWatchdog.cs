using System.Globalization;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Oci;

/// <summary>
/// Notices that CRIU was killed at work (by the kernel for lack of memory, or by hand). The runtime doesn't: processes that CRIU had forked still hold
/// the other end of the socket that it waits on.
/// </summary>
internal static class CriuWatchdog
{
    /// <summary>A runtime reaps what it started within this time, or never.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Does work that has a runtime run CRIU for a container; cancels it when CRIU is dead and the runtime goes on waiting.</summary>
    /// <exception cref="StasisException">CRIU was killed.</exception>
    public static async Task<T> GuardAsync<T>(Runtime runtime, string id, Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var working = work(stop.Token);
        HashSet<int> deadBefore = [];
        while (await Task.WhenAny(working, Task.Delay(Interval, CancellationToken.None)) != working)
        {
            var dead = DeadChildren(Path.GetFileName(runtime.Path), id);
            if (!dead.Overlaps(deadBefore))
            {
                deadBefore = dead;
                continue;
            }
            await stop.CancelAsync();
            try
            {
                return await working;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new StasisException($"CRIU was killed while it worked on container {id}") { Remedy = "if the kernel did it for lack of memory (dmesg tells), make room and try again" };
            }
        }
        return await working;
    }

    /// <summary>Children of the container's runtime that have ended and that nobody reaps.</summary>
    private static HashSet<int> DeadChildren(string runtime, string id)
    {
        var dead = new HashSet<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(directory => char.IsAsciiDigit(Path.GetFileName(directory.AsSpan())[0])))
        {
            try
            {
                var arguments = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
                if (Path.GetFileName(arguments[0]) == runtime && arguments.Contains(id))
                    dead.UnionWith(Children(process).Where(IsDead));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // it has ended
            }
        }
        return dead;
    }

    private static IEnumerable<int> Children(string process) => Directory.EnumerateDirectories(Path.Combine(process, "task"))
        .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture));

    // proc(5): the state follows the name, which is in parentheses and may hold anything.
    private static bool IsDead(int pid) => File.ReadAllText($"/proc/{pid}/stat") is var stat && stat[stat.LastIndexOf(')') + 2] == 'Z';
}
