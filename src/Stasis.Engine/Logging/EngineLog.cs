using Microsoft.Extensions.Logging;

namespace Stasis.Engine.Logging;

/// <summary>The engine's logs, one for each category. Without a logger factory they log nothing, and cost a comparison.</summary>
internal sealed class EngineLog
{
    private readonly ILogger _warnings;

    private EngineLog(Func<string, ILogger> create)
    {
        Programs = new LoggedProgramRunner(create("Stasis.Commands"));
        Locks = new LockAcquirer(create("Stasis.Locks"));
        Containers = new ContainerEventLogger(create("Stasis.Containers"));
        Criu = new CriuLogForwarder(create("Stasis.Criu"));
        _warnings = create("Stasis.Warnings");
    }

    /// <summary>Logs nothing.</summary>
    public static EngineLog None { get; } = new(_ => Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    /// <summary>Programs that are run.</summary>
    public LoggedProgramRunner Programs { get; }

    /// <summary>File locks that are waited for.</summary>
    public LockAcquirer Locks { get; }

    /// <summary>What happens to containers.</summary>
    public ContainerEventLogger Containers { get; }

    /// <summary>CRIU's own log.</summary>
    public CriuLogForwarder Criu { get; }

    public static EngineLog Create(ILoggerFactory? factory) => factory is null ? None : new EngineLog(factory.CreateLogger);

    /// <summary>Logs what a person should know although nothing failed.</summary>
    public void Warn(string message) => LogMessages.Warning(_warnings, message);
}
