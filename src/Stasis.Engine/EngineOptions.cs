namespace Stasis.Engine;

/// <summary>Where an engine keeps its things and which parts it drives.</summary>
public sealed record EngineOptions
{
    /// <summary>State that outlives a reboot: database, images, containers, volumes. <c>--root</c>.</summary>
    public string Root { get; init; } = "/var/lib/stasis";

    /// <summary>State that doesn't: pid files, sockets, locks, network namespaces. <c>--runroot</c>.</summary>
    public string RunRoot { get; init; } = "/run/stasis";

    /// <summary>The OCI runtime for new containers, a name on PATH or a path. <c>--runtime</c>.</summary>
    public string Runtime { get; init; } = "runc";

    /// <summary>Told, a sentence each, what a person should know though nothing failed.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>The program that conmon runs as exit command, normally this one. It must understand <c>container cleanup ID</c>.</summary>
    public string ExitCommand { get; init; } = Environment.ProcessPath ?? "stasis";
}
