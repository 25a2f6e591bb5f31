using System.Globalization;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Oci;

/// <summary>
/// Detects two states of CRIU that last for ever. It was killed while it worked (by the kernel for lack of memory, or by hand): the runtime
/// doesn't notice, since processes that CRIU had forked still hold the other end of the socket on which it waits. Or its restore has
/// failed, and it waits for the container's first process to end: that one waits until CRIU, which traces the others, has reaped them.
/// </summary>
/// <param name="findChildren">Finds the children of the runtime.</param>
internal sealed class CriuWatchdog(Func<HashSet<int>> findChildren)
{
    private const string Tracer = "TracerPid:";

    // A runtime reaps its children within this time, or never.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private HashSet<int> _deadBefore = [], _hungBefore = [];

    /// <summary>The watchdog of a runtime.</summary>
    /// <param name="runtime">Its PID.</param>
    public static CriuWatchdog Of(int runtime) => new(() => [.. ProcessChildren.Read(runtime)]);

    /// <summary>
    /// Kills a CRIU that waits for itself; the runtime then fails with what that has logged. To be called about once a second: what is so
    /// at two calls lasts for ever.
    /// </summary>
    /// <returns>Whether CRIU is dead, and the runtime goes on waiting.</returns>
    public bool Check()
    {
        var children = findChildren();
        var hung = FindTracersOfDead(children);
        Cgroup.Kill(hung.Intersect(_hungBefore));
        _hungBefore = hung;
        var dead = children.Where(IsDead).ToHashSet();
        var isDead = dead.Overlaps(_deadBefore);
        _deadBefore = dead;
        return isDead;
    }

    /// <summary>
    /// Runs work that has a runtime run CRIU on a container. Cancels the work when CRIU is dead and the runtime goes on waiting. Kills a
    /// CRIU that waits for itself; the work then fails with what that has logged.
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
        var watchdog = new CriuWatchdog(() => FindChildren(Path.GetFileName(runtime.Path), id));
        while (await Task.WhenAny(working, Task.Delay(Interval, CancellationToken.None)) != working)
        {
            if (!watchdog.Check())
                continue;
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

    private static HashSet<int> FindChildren(string runtime, string id)
    {
        var children = new HashSet<int>();
        var processes = Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path.AsSpan())[0]));
        foreach (var process in processes)
        {
            var arguments = TryRead(Path.Combine(process, "cmdline")).Split('\0');
            if (Path.GetFileName(arguments[0]) == runtime && arguments.Contains(id))
                children.UnionWith(ProcessChildren.Read(int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture)));
        }
        return children;
    }

    // Those of a runtime's children, CRIU and the container's first process, that trace a process that has ended. While CRIU restores, it
    // traces none for long.
    private static HashSet<int> FindTracersOfDead(HashSet<int> children)
    {
        var tracers = new HashSet<int>();
        var open = new Stack<int>(children);
        while (open.TryPop(out var pid))
        {
            if (IsDead(pid) && ReadTracer(pid) is { } tracer && children.Contains(tracer))
                tracers.Add(tracer);
            foreach (var child in ProcessChildren.Read(pid))
                open.Push(child);
        }
        return tracers;
    }

    private static int? ReadTracer(int pid) => TryRead($"/proc/{pid}/status").Split('\n')
        .Where(line => line.StartsWith(Tracer, StringComparison.Ordinal))
        .Select(line => (int?)int.Parse(line[Tracer.Length..], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    private static bool IsDead(int pid) => ProcStat.TryRead(pid)?.State == 'Z';

    // Empty if the process has ended.
    private static string TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
