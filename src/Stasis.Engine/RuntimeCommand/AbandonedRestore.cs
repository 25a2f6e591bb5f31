using Stasis.Engine.Common;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// Ends what is left of a restore whose process was killed: the runtime and CRIU, which would wait for it for good, the container, and its
/// record. Engines tell no runtime to delete a container whose creation has failed.
/// </summary>
public static class AbandonedRestore
{
    /// <summary>The hidden verb of the stasis command that does this.</summary>
    public const string Verb = "end-abandoned-restore";

    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(10); // as of a container's processes

    private const string Script = """read -r _ || exec "$@" """;

    /// <summary>Has it done if this process dies before the returned object is disposed.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="stateRoot">The runtime's <c>--root</c>.</param>
    /// <param name="id">The container's ID.</param>
    internal static DeathWatchdog Watch(StasisEngine engine, string stateRoot, string id) => DeathWatchdog.Start(
        engine.Log.Programs.Start,
        Script,
        [engine.Command.Path, Verb, engine.Layout.Root, engine.Layout.RunRoot, stateRoot, id]);

    /// <summary>Ends what is left of the restore of a container, when the killed process has let go of it.</summary>
    /// <param name="root">Stasis's root.</param>
    /// <param name="runRoot">Stasis's run root.</param>
    /// <param name="stateRoot">The runtime's <c>--root</c>.</param>
    /// <param name="id">The container's ID.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string root, string runRoot, string stateRoot, string id)
    {
        var layout = new Layout(root, runRoot);
        var bundle = new RestoredBundle(layout, stateRoot, id);
        // Meanwhile, the engine may have had another restore begun. Then there is none that is abandoned.
        using var alone = bundle.LockAsync(CancellationToken.None).GetAwaiter().GetResult();
        End(bundle, stateRoot, id);
        alone.Remove();
        return 0;
    }

    /// <summary>As above, for who has locked the record. Does nothing if there is no restore that wasn't completed.</summary>
    internal static void End(RestoredBundle bundle, string stateRoot, string id)
    {
        if (!Directory.Exists(bundle.Folder) || bundle.IsComplete)
            return;
        bundle.Kill();
        bundle.Remove();
        FileTree.Remove(Path.Combine(stateRoot, id));
    }

    /// <summary>
    /// Kills the processes that were started with an argument, and those that they have started. CRIU leaves the container's cgroups before
    /// it ends.
    /// </summary>
    internal static void KillStartedWith(string argument)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), out var pid) || !IsStartedWith(folder, argument))
                continue;
            using var process = PidFd.Open(pid);
            // Looked at again now that it is held: its PID could have been reused.
            if (process is null || !IsStartedWith(folder, argument))
                continue;
            var started = ProcessChildren.ReadAll(pid).Select(PidFd.Open).OfType<PidFd>().ToList();
            process.Signal(Signals.Kill);
            process.TryWait(KillLimit);
            started.ForEach(child => child.Signal(Signals.Kill));
            started.ForEach(child => child.Dispose());
        }
    }

    private static bool IsStartedWith(string folder, string argument)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0').Contains(argument);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended
        }
    }
}
