using Microsoft.Extensions.Logging;

namespace Stasis.Engine.Logging;

/// <summary>
/// Every message that the engine logs. Event IDs are stable: 1xx commands, 2xx locks, 3xx containers, 4xx recovery, 5xx
/// CRIU, 6xx warnings.
/// </summary>
internal static partial class LogMessages
{
    [LoggerMessage(100, LogLevel.Debug, "running {CommandLine}")]
    public static partial void Running(ILogger logger, string commandLine);

    [LoggerMessage(101, LogLevel.Debug, "{Program} ended with exit code {ExitCode} after {Milliseconds} ms")]
    public static partial void Ended(ILogger logger, string program, int exitCode, long milliseconds);

    [LoggerMessage(102, LogLevel.Debug, "{Program} was given up after {Milliseconds} ms: {Reason}")]
    public static partial void GivenUp(ILogger logger, string program, long milliseconds, string reason);

    [LoggerMessage(103, LogLevel.Debug, "started {Program} as process {ProcessId}: {CommandLine}")]
    public static partial void Started(ILogger logger, string program, int processId, string commandLine);

    [LoggerMessage(104, LogLevel.Debug, "{Program} printed: {Output}")]
    public static partial void Printed(ILogger logger, string program, string output);

    [LoggerMessage(200, LogLevel.Debug, "waiting for the lock {Path}")]
    public static partial void WaitingForLock(ILogger logger, string path);

    [LoggerMessage(201, LogLevel.Debug, "got the lock {Path} after {Milliseconds} ms")]
    public static partial void GotLock(ILogger logger, string path, long milliseconds);

    [LoggerMessage(300, LogLevel.Information, "container {Name} ({Id}) is {Status}, was {Former}")]
    public static partial void StatusChanged(ILogger logger, string name, string id, string status, string former);

    [LoggerMessage(301, LogLevel.Information, "container {Name} ({Id}) is removed")]
    public static partial void Removed(ILogger logger, string name, string id);

    [LoggerMessage(302, LogLevel.Debug, "container {Name} ({Id}): {Operation} begins")]
    public static partial void OperationBegins(ILogger logger, string name, string id, string operation);

    [LoggerMessage(303, LogLevel.Debug, "container {Name} ({Id}): step {Step}")]
    public static partial void OperationStep(ILogger logger, string name, string id, string step);

    [LoggerMessage(304, LogLevel.Debug, "container {Name} ({Id}): the operation is over")]
    public static partial void OperationEnds(ILogger logger, string name, string id);

    [LoggerMessage(400, LogLevel.Information, "container {Name} ({Id}): undoes or completes {Operation}, which a killed process left")]
    public static partial void Recovering(ILogger logger, string name, string id, string operation);

    [LoggerMessage(401, LogLevel.Warning, "container {Name} ({Id}): can't undo or complete {Operation}: {Reason}")]
    public static partial void NotRecovered(ILogger logger, string name, string id, string operation, string reason);

    [LoggerMessage(500, LogLevel.Debug, "{Line}")]
    public static partial void CriuLine(ILogger logger, string line);

    [LoggerMessage(600, LogLevel.Warning, "{Message}")]
    public static partial void Warning(ILogger logger, string message);
}
