using System.Text.Json;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Oci;

/// <summary>
/// An OCI runtime (runc, crun), driven by its verbs alone. Runtime state lives under <c>--root</c> <see cref="Layout.RuntimeState"/>. Every failure is a
/// <see cref="StasisException"/> with the runtime's own words (its JSON log), and CRIU's error lines where it ran CRIU.
/// </summary>
internal sealed class Runtime
{
    private readonly Layout _layout;

    private Runtime(Layout layout, string path, IReadOnlyList<string> environment) =>
        (_layout, Path, Environment) = (layout, path, environment);

    /// <summary>Finds the runtime by name or path, and the CRIU that it is to find first on its PATH ($STASIS_CRIU, then /usr/local/lib/stasis/bin, then PATH).</summary>
    public static Runtime Find(Layout layout, string nameOrPath, TimeSpan? timeLimit = null)
    {
        var path = Spawn.Find(nameOrPath) ?? throw new StasisException($"OCI runtime {nameOrPath}: not found, or not executable")
        {
            Remedy = "install runc, or name another runtime with --runtime; `stasis doctor` shows what is missing",
        };
        return new Runtime(layout, System.IO.Path.GetFullPath(path), RuntimeEnvironment.Build()) { TimeLimit = timeLimit ?? TimeSpan.FromSeconds(60) };
    }

    public string Path { get; }

    /// <summary>How long a verb may take that has no reason to take long: then it hangs, and is killed. Dump and restore have no limit.</summary>
    public TimeSpan TimeLimit { get; private init; }

    /// <summary>The environment that runtime and conmon run in: the caller's, with CRIU's folder first on PATH.</summary>
    public IReadOnlyList<string> Environment { get; }

    /// <summary>Arguments before the verb: --root, --log, --log-format.</summary>
    public IReadOnlyList<string> GlobalArguments(RuntimeLog log) =>
        ["--root", _layout.RuntimeState(Path), "--log", log.Path, "--log-format", "json"];

    /// <summary>Notes where the container's runtime log ends now, so that what the next call adds can be read.</summary>
    public RuntimeLog MarkLog(string id)
    {
        var paths = _layout.Container(id);
        Directory.CreateDirectory(paths.RunDirectory);
        return RuntimeLog.Mark(paths.RuntimeLog);
    }

    public async Task StartAsync(string id, CancellationToken cancellation) =>
        await RunAsync(id, ["start", id], cancellation);

    public async Task KillAsync(string id, int signal, bool all, CancellationToken cancellation) =>
        await RunAsync(id, all ? ["kill", "--all", id, $"{signal}"] : ["kill", id, $"{signal}"], cancellation);

    /// <summary>Freezes the processes. v1's freezer can fail on a busy machine while they fork; the runtime then thaws them and gives up, and another try succeeds.</summary>
    public async Task PauseAsync(string id, CancellationToken cancellation)
    {
        for (var tries = 3; ; tries--)
        {
            try
            {
                await RunAsync(id, ["pause", id], cancellation);
                return;
            }
            catch (StasisException e) when (tries > 1 && e.Message.Contains("unable to freeze", StringComparison.Ordinal))
            {
                await Task.Delay(50, cancellation);
            }
        }
    }

    public async Task ResumeAsync(string id, CancellationToken cancellation) =>
        await RunAsync(id, ["resume", id], cancellation);

    /// <summary>Forgets the container and removes its cgroups; <paramref name="force"/> kills what runs. Nothing if it doesn't know it.</summary>
    public async Task DeleteAsync(string id, bool force, CancellationToken cancellation)
    {
        if (Knows(id))
            await RunAsync(id, force ? ["delete", "--force", id] : ["delete", id], cancellation);
    }

    /// <summary>"creating", "created", "running", "paused", "stopped", or null if the runtime doesn't know it. PID 0 if none.</summary>
    public async Task<(string Status, int Pid)?> StateAsync(string id, CancellationToken cancellation)
    {
        if (!Knows(id))
            return null;
        string output;
        try
        {
            output = await RunAsync(id, ["state", id], cancellation);
        }
        catch (StasisException) when (!Knows(id))
        {
            return null; // it was deleted meanwhile
        }
        using var state = JsonDocument.Parse(output);
        return (state.RootElement.GetProperty("status").GetString()!, state.RootElement.TryGetProperty("pid", out var pid) ? pid.GetInt32() : 0);
    }

    /// <summary>
    /// Runs CRIU's dump. With <see cref="DumpRequest.LeaveRunning"/> the processes live on, and stay paused if they were. Cancelling kills the runtime and CRIU,
    /// whose parasite code leaves the processes when its socket closes; whether they run then is the caller's to see.
    /// </summary>
    public async Task CheckpointAsync(string id, DumpRequest request, CancellationToken cancellation)
    {
        var criu = RequireCriu();
        var paths = _layout.Container(id);
        var skipsLock = !request.LockNetwork && await CriuVersion.OfAsync(criu, _layout, cancellation) >= CriuVersion.LockSkip;
        // In place of what the last restore had there, which isn't meant for a dump.
        string[] options = skipsLock ? ["network-lock skip"] : [];
        // How crun has CRIU read it isn't known well enough.
        var waits = request.Freeze is not null && request.HasConfig && System.IO.Path.GetFileName(Path).StartsWith("runc", StringComparison.Ordinal);
        using var gate = waits ? new CriuConfigFifo(paths) : null;
        if (!waits)
        {
            if (request.Freeze is not null)
                await request.Freeze();
            CriuConfig.Write(paths, options);
        }
        string[] verb = ["checkpoint", "--image-path", request.Images, "--work-path", request.Work, .. request.LeaveRunning ? ["--leave-running"] : (string[])[], .. request.Arguments, id];
        await CriuWatch.GuardAsync(this, id, DumpAsync, cancellation);

        async Task<string> DumpAsync(CancellationToken cancelled)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
            var dump = RunAsync(id, null, verb, () => CriuLog.Quote(System.IO.Path.Combine(request.Work, "dump.log")), stop.Token, paths.RunDirectory);
            try
            {
                if (gate is not null)
                    await gate.PassAsync(dump, request.Freeze!, options);
            }
            catch
            {
                await stop.CancelAsync();
                await dump.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default); // what comes of it is known
                throw;
            }
            return await dump;
        }
    }

    /// <summary>The CRIU that the runtime will find.</summary>
    /// <exception cref="StasisException">There is none.</exception>
    public string RequireCriu() => Spawn.Find("criu", RuntimeEnvironment.PathOf(Environment)) ?? throw new StasisException("criu: not found on PATH")
    {
        Remedy = "install criu, or set STASIS_CRIU to one; `stasis doctor` shows which one would do",
    };

    /// <summary>An error of this runtime: its logged words if it left any, else what it printed; and the exit code that it means for a command.</summary>
    public StasisException Failure(string what, RuntimeLog log, string printed, string details = "")
    {
        var (name, verb) = (System.IO.Path.GetFileName(Path), what.Split(' ')[0]);
        var why = log.Errors() ?? (printed.Trim() is { Length: > 0 } words ? words : "it gave no reason");
        foreach (var said in (string[])[$"{name} {verb} failed: ", $"{verb} failed: "])
            why = why.StartsWith(said, StringComparison.Ordinal) ? why[said.Length..] : why;
        return new StasisException($"{name} {what}: {why}{details}") { ExitCode = ExitCodeOf(why) };
    }

    /// <summary>This runtime hung.</summary>
    public StasisException TookTooLong(string what, Exception inner) =>
        new($"{System.IO.Path.GetFileName(Path)} {what}: no answer within {TimeLimit.TotalSeconds} s, killed", inner);

    // Podman's reading of runc's and crun's words (libpod/oci_util.go): 127 for a command that isn't there, 126 for one that can't run.
    private static int ExitCodeOf(string why)
    {
        if (!why.Contains("exec", StringComparison.Ordinal))
            return 125;
        return Says("permission denied", "operation not permitted", "is a directory") ? 126
            : Says("executable file not found", "no such file or directory", "not found in $PATH") ? 127 : 125;

        bool Says(params string[] words) => words.Any(word => why.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private Task<string> RunAsync(string id, string[] verb, CancellationToken cancellation) => RunAsync(id, TimeLimit, verb, () => "", cancellation);

    // Who looks for a runtime and a CRIU that were left at work on a container knows them by the working directory.
    private async Task<string> RunAsync(string id, TimeSpan? limit, string[] verb, Func<string> details, CancellationToken cancellation, string directory = "/")
    {
        var log = MarkLog(id);
        var what = $"{verb[0]} {id}";
        var options = new SpawnOptions
        {
            Program = Path,
            Arguments = [.. GlobalArguments(log), .. verb],
            Environment = Environment,
            WorkingDirectory = directory,
            NewProcessGroup = true,
        };
        try
        {
            var result = await Spawn.RunAsync(options, limit, cancellation);
            return result.ExitCode == 0 ? result.Output : throw Failure(what, log, result.Error, details());
        }
        catch (TimeoutException timeout)
        {
            throw TookTooLong(what, timeout);
        }
    }

    // runc and crun both keep a container's state in a folder of its name. Its absence saves asking, and tells "unknown" from other failures in any runtime's words.
    private bool Knows(string id) => Knows(_layout, Path, id);

    /// <summary>Whether the runtime of that name or path has a record of the container.</summary>
    public static bool Knows(Layout layout, string nameOrPath, string id) => Directory.Exists(layout.RuntimeRecord(nameOrPath, id));
}
