using Microsoft.Extensions.Logging;
using Stasis.Engine.Storage;

namespace Stasis.Engine;

/// <summary>Where an engine keeps its state, and which programs it runs.</summary>
public sealed record EngineOptions
{
    /// <summary>
    /// Folder for state that survives a reboot: database, images, containers, volumes, checkpoints. It must be on a
    /// disk.
    /// </summary>
    public string Root { get; init; } = "/var/lib/stasis";

    /// <summary>
    /// Folder for state that doesn't survive a reboot: PID files, sockets, locks, network namespaces. It should be on a
    /// tmpfs.
    /// </summary>
    public string RunRoot { get; init; } = "/run/stasis";

    /// <summary>The OCI runtime of new containers: a name on PATH, or a path.</summary>
    public string Runtime { get; init; } = "runc";

    /// <summary>
    /// Receives warnings, a sentence each: what a person should know although nothing failed. Without it, warnings are
    /// logged.
    /// </summary>
    public Action<string>? Warn { get; init; }

    /// <summary>
    /// Where the engine logs: programs that it runs, locks that it waits for, changes of containers' states, CRIU's
    /// log. By default nowhere.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// The installed <c>stasis</c> command, a path or a name on PATH. conmon runs it as root when a container ends; it
    /// supplies lazy memory, and thaws the container if this process is killed during a checkpoint. By default
    /// $STASIS_COMMAND is used, else the command is searched in /usr/bin, in /usr/local/bin and on PATH. It must be of
    /// the library's version: verbs that need it fail before they change anything if it isn't.
    /// </summary>
    public string? CommandPath { get; init; }

    /// <summary>
    /// What the checkpoint store is kept within by itself, after each restore: by default 10 GiB, and a week for what isn't
    /// used. Checkpoints with names, and those that containers use, stay. Null keeps everything.
    /// </summary>
    public StoreLimits? StoreLimits { get; init; } = new() { MaxSize = 10L << 30, MaxAge = TimeSpan.FromDays(7) };
}
