using Stasis.Engine.Oci;

namespace Stasis.Engine.ExternalEngines;

/// <summary>Containers of Podman and CRI-O. Each has a conmon, whose arguments tell what the engine knows (conmon(8)).</summary>
internal static class ConmonTasks
{
    private const string RootArgument = "--root=", LogFormat = "k8s-file:";

    /// <summary>Finds those that run.</summary>
    public static IReadOnlyList<EngineTask> Find() =>
        [.. SupervisorProcess.Find("conmon").Select(TryRead).OfType<EngineTask>()];

    private static EngineTask? TryRead(SupervisorProcess conmon)
    {
        var arguments = conmon.Arguments;
        if (conmon.FindOption("-c") is not { } id || conmon.FindOption("-b") is not { } bundle
            || conmon.FindOption("-r") is not { } runtime || TryFindEngine(conmon) is not { } engine
            || EngineTask.TryReadSpec(bundle) is not { } spec)
            return null;
        var log = arguments.Where((_, i) => i > 0 && arguments[i - 1] is "-l" or "--log-path").FirstOrDefault(IsFile);
        return new EngineTask
        {
            Engine = engine,
            Id = id,
            Bundle = bundle,
            Spec = spec,
            Runtime = runtime,
            RuntimeRoot = FindRuntimeRoot(arguments) ?? $"/run/{(Runtime.IsCrun(runtime) ? "crun" : "runc")}",
            Supervisor = conmon.Pid,
            Name = conmon.FindOption("-n"),
            Log = log?.StartsWith(LogFormat, StringComparison.Ordinal) == true ? log[LogFormat.Length..] : log,
        };
    }

    // Of conmon's other users, Stasis itself is one.
    private static ContainerEngine? TryFindEngine(SupervisorProcess conmon) =>
        conmon.FindOption("--exit-command") is { } command
            ? Path.GetFileName(command) == "podman" ? ContainerEngine.Podman : null
            : conmon.Arguments.Contains("--exit-dir") ? ContainerEngine.CriO : null;

    private static string? FindRuntimeRoot(IReadOnlyList<string> arguments)
    {
        for (var i = 1; i < arguments.Count; i++)
        {
            if (arguments[i - 1] == "--runtime-arg" && arguments[i].StartsWith(RootArgument, StringComparison.Ordinal))
                return arguments[i][RootArgument.Length..];
            if (arguments[i - 1] == "--runtime-arg" && arguments[i] == "--root" && i + 2 < arguments.Count)
                return arguments[i + 2];
        }
        return null;
    }

    // "k8s-file:/path", or "/path", which is the same; not "journald:", "none".
    private static bool IsFile(string log) => log.StartsWith('/') || log.StartsWith(LogFormat, StringComparison.Ordinal);
}
