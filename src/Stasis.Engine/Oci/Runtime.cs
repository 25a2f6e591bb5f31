using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Logging;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Oci;

/// <summary>
/// An OCI runtime (runc, crun), driven by its verbs alone. The runtime's state is under <c>--root</c>
/// <see cref="Layout.RuntimeRoot"/>. Every failure is a <see cref="StasisException"/> with the runtime's own words (its JSON
/// log), and CRIU's error lines where it ran CRIU.
/// </summary>
internal sealed partial class Runtime
{
    private readonly Layout _layout;

    private Runtime(Layout layout, string path, IReadOnlyList<string> environment) =>
        (_layout, Path, Environment) = (layout, path, environment);

    /// <summary>
    /// Finds the runtime by name or path, and the CRIU that the runtime is to find first on its PATH ($STASIS_CRIU, then
    /// /usr/local/lib/stasis/bin, then PATH).
    /// </summary>
    /// <exception cref="StasisException">There is no such runtime, or $STASIS_CRIU is no path of a criu.</exception>
    public static Runtime Find(Layout layout, string nameOrPath, TimeSpan? timeLimit = null, EngineLog? log = null)
    {
        var path = ExecutablePath.Find(nameOrPath)
            ?? throw new MissingProgramException(nameOrPath, $"OCI runtime {nameOrPath}: not found, or not executable")
            {
                Remedy = "install runc, or name another runtime with --runtime; `stasis doctor` shows what is missing",
            };
        var environment = RuntimeEnvironment.Build();
        return new Runtime(layout, System.IO.Path.GetFullPath(path), environment)
        {
            TimeLimit = timeLimit ?? TimeSpan.FromSeconds(60),
            Log = log ?? EngineLog.None,
        };
    }

    /// <summary>The program's path, absolute.</summary>
    public string Path { get; }

    /// <summary>Where command lines and CRIU's log are logged.</summary>
    public EngineLog Log { get; private init; } = EngineLog.None;

    /// <summary>
    /// How long a verb may take, except dump and restore, which have no limit. A verb that takes longer hangs, and is killed.
    /// </summary>
    public TimeSpan TimeLimit { get; private init; }

    /// <summary>The environment of runtime and conmon: the caller's, with CRIU's folder first on PATH.</summary>
    public IReadOnlyList<string> Environment { get; }

    private string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Whether a runtime's name or path is crun's, in any version ("crun-1.28").</summary>
    public static bool IsCrun(string nameOrPath) =>
        System.IO.Path.GetFileName(nameOrPath).StartsWith("crun", StringComparison.Ordinal);

    /// <summary>Whether the runtime of that name or path has a record of the container.</summary>
    public static bool HasState(Layout layout, string nameOrPath, string id) => Directory.Exists(layout.RuntimeState(nameOrPath, id));

    /// <summary>Returns the arguments that come before the verb: --root, --log, --log-format.</summary>
    public IReadOnlyList<string> GetGlobalArguments(RuntimeLog log) =>
        ["--root", _layout.RuntimeRoot(Path), "--log", log.Path, "--log-format", "json"];

    /// <summary>Opens the container's runtime log at its end, so that it gives the errors of the next call.</summary>
    public RuntimeLog OpenLog(string id)
    {
        var paths = _layout.Container(id);
        PrivateDirectory.Create(paths.RunDirectory);
        return RuntimeLog.OpenAtEnd(paths.RuntimeLog);
    }

    /// <summary>Lets the first process of a created container run its command.</summary>
    public async Task StartAsync(string id, CancellationToken cancellation) =>
        await RunAsync(id, ["start", id], cancellation);

    /// <summary>
    /// Freezes the processes. The freezer of cgroup v1 can fail on a busy machine while processes fork; the runtime then thaws
    /// them and gives up, and another try succeeds.
    /// </summary>
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

    /// <summary>Lets frozen processes run.</summary>
    public async Task ResumeAsync(string id, CancellationToken cancellation) =>
        await RunAsync(id, ["resume", id], cancellation);

    /// <summary>
    /// Removes the runtime's record of the container and its cgroups; <paramref name="force"/> kills its processes first. Does
    /// nothing if the runtime has no record of it.
    /// </summary>
    public async Task DeleteAsync(string id, bool force, CancellationToken cancellation)
    {
        if (HasState(id))
            await RunAsync(id, force ? ["delete", "--force", id] : ["delete", id], cancellation);
    }

    /// <summary>
    /// Asks for the container's state: "creating", "created", "running", "paused", "stopped"; null without a record. PID 0 if
    /// none.
    /// </summary>
    public async Task<(string Status, int Pid)?> GetStateAsync(string id, CancellationToken cancellation)
    {
        if (!HasState(id))
            return null;
        string output;
        try
        {
            output = await RunAsync(id, ["state", id], cancellation);
        }
        catch (StasisException) when (!HasState(id))
        {
            return null; // it was deleted meanwhile
        }
        using var state = JsonDocument.Parse(output);
        var pid = state.RootElement.TryGetProperty("pid", out var number) ? number.GetInt32() : 0;
        return (state.RootElement.GetProperty("status").GetString()!, pid);
    }

    /// <summary>Finds the CRIU that the runtime will run.</summary>
    /// <exception cref="StasisException">There is none.</exception>
    public string RequireCriu() => ExecutablePath.Find("criu", RuntimeEnvironment.GetPath(Environment))
        ?? throw new MissingProgramException("criu", "criu: not found on PATH")
        {
            Remedy = "install criu, or set STASIS_CRIU to one; `stasis doctor` shows which one would do",
        };

    private Task<string> RunAsync(string id, string[] verb, CancellationToken cancellation) =>
        RunAsync(id, TimeLimit, verb, () => "", cancellation);

    // HelperProcesses recognizes a runtime and a CRIU that were left at work on a container by the working directory.
    private async Task<string> RunAsync(
        string id, TimeSpan? limit, string[] verb, Func<string> details, CancellationToken cancellation, string directory = "/")
    {
        var log = OpenLog(id);
        var what = $"{verb[0]} {id}";
        var options = new SpawnOptions
        {
            Program = Path,
            Arguments = [.. GetGlobalArguments(log), .. verb],
            Environment = Environment,
            WorkingDirectory = directory,
            NewProcessGroup = true,
        };
        try
        {
            var result = await Log.Programs.RunAsync(options, limit, cancellation);
            return result.ExitCode == 0 ? result.Output : throw CreateFailure(what, log, result.Error, details());
        }
        catch (TimeoutException timeout)
        {
            throw CreateTimeout(what, timeout);
        }
    }

    // runc and crun both keep a container's state in a folder of its name. That the folder is missing saves asking, and tells an
    // unknown container from other failures whatever the runtime's words are.
    private bool HasState(string id) => HasState(_layout, Path, id);
}
