using Microsoft.Extensions.Logging;
using Stasis.Cli.Output;

namespace Stasis.Cli.Logging;

/// <summary>Writes the messages of one category to standard error, a line each.</summary>
internal sealed class StandardErrorLogger(string category, LogLevel level, Func<LogEntry, string> format) : ILogger
{
    public bool IsEnabled(LogLevel logLevel) => logLevel >= level && logLevel != LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var values = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
        var entry = new LogEntry(DateTimeOffset.UtcNow, logLevel, category, eventId.Id, formatter(state, exception), values);
        StandardError.Line(format(entry));
    }
}
