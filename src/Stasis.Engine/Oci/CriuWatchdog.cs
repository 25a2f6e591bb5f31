using System.Globalization;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Oci;

/// <summary>
/// Detects that CRIU was killed while it worked (by the kernel for lack of memory, or by hand). The runtime doesn't notice:
/// processes that CRIU had forked still hold the other end of the socket on which it waits.
/// </summary>
internal static class CriuWatchdog
{
    // A runtime reaps its children within this time, or never.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Runs work that has a runtime run CRIU on a container. Cancels the work when CRIU is dead and the runtime goes on waiting.
    /// </summary>
    /// <param name="runtime">The runtime.</param>
    /// <param name="id">The container.</param>
    /// <param name="work">The work; its token is cancelled with <paramref name="cancellation"/>, or when CRIU is dead.</param>
    /// <param name="cancellation">Passed on to the work.</param>
    /// <exception cref="StasisException">CRIU was killed.</exception>
    public static async Task<T> GuardAsync<T>(
        Runtime runtime, string id, Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var working = work(stop.Token);
        HashSet<int> deadBefore = [];
        while (await Task.WhenAny(working, Task.Delay(Interval, CancellationToken.None)) != working)
        {
            var dead = FindDeadChildren(Path.GetFileName(runtime.Path), id);
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
                throw new StasisException($"CRIU was killed while it worked on container {id}")
                {
                    Remedy = "if the kernel did it for lack of memory (dmesg tells), make room and try again",
                };
            }
        }
        return await working;
    }

    // Children of the container's runtime that have ended and were not reaped.
    private static HashSet<int> FindDeadChildren(string runtime, string id)
    {
        var dead = new HashSet<int>();
        var processes = Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path.AsSpan())[0]));
        foreach (var process in processes)
        {
            try
            {
                var arguments = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
                if (Path.GetFileName(arguments[0]) == runtime && arguments.Contains(id))
                    dead.UnionWith(ReadChildren(process).Where(IsDead));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // the process has ended
            }
        }
        return dead;
    }

    private static IEnumerable<int> ReadChildren(string process) => Directory.EnumerateDirectories(Path.Combine(process, "task"))
        .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture));

    // proc(5): the state follows the name, which is in parentheses and may contain any character.
    private static bool IsDead(int pid) => File.ReadAllText($"/proc/{pid}/stat") is var stat && stat[stat.LastIndexOf(')') + 2] == 'Z';
}
