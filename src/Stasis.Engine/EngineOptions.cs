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

    /// <summary>
    /// The installed <c>stasis</c> command, a path or a name on PATH. conmon runs it as root when a container ends; it supplies lazy memory, and thaws the
    /// container if this process is killed during a checkpoint. By default $STASIS_COMMAND is used, else the command is searched in /usr/bin, in /usr/local/bin
    /// and on PATH. It must be of the library's version: verbs that need it fail before they change anything if it isn't.
    /// </summary>
    public string? CommandPath { get; init; }
}
