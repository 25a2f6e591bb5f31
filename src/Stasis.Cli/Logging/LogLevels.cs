using Microsoft.Extensions.Logging;

namespace Stasis.Cli.Logging;

/// <summary>Podman's words for log levels.</summary>
internal static class LogLevels
{
    /// <summary>What --log-level takes.</summary>
    public static readonly string[] Words = ["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"];

    /// <summary>The level of one of <see cref="Words"/>.</summary>
    public static LogLevel Parse(string word) => word switch
    {
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" or "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => LogLevel.Critical,
    };

    /// <summary>The word for a message's level.</summary>
    public static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
