using Microsoft.Extensions.Logging;

namespace Stasis.Cli.Logging;

/// <summary>Makes loggers that write to standard error.</summary>
/// <param name="level">The lowest level that is written.</param>
/// <param name="isJson">A JSON object a line, in place of key=value pairs.</param>
internal sealed class StandardErrorLoggerFactory(LogLevel level, bool isJson) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) =>
        new StandardErrorLogger(categoryName, level, isJson ? LogEntry.WriteJson : LogEntry.WriteText);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
        // standard error stays open
    }
}
