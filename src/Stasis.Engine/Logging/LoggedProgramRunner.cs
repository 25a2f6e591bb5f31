using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Logging;

/// <summary>Runs programs, and logs their command lines, durations and exit codes.</summary>
internal sealed class LoggedProgramRunner(ILogger logger)
{
    /// <inheritdoc cref="Spawn.RunAsync"/>
    public Task<ProgramResult> RunAsync(SpawnOptions options, TimeSpan? timeout, CancellationToken cancellationToken) =>
        logger.IsEnabled(LogLevel.Debug)
            ? RunLoggedAsync(options, timeout, cancellationToken)
            : Spawn.RunAsync(options, timeout, cancellationToken);

    /// <inheritdoc cref="Spawn.Start"/>
    public ChildProcess Start(SpawnOptions options)
    {
        var process = Spawn.Start(options);
        if (logger.IsEnabled(LogLevel.Debug))
            LogMessages.Started(logger, Name(options), process.Id, Line(options));
        return process;
    }

    private async Task<ProgramResult> RunLoggedAsync(SpawnOptions options, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        LogMessages.Running(logger, Line(options));
        var begun = Stopwatch.GetTimestamp();
        try
        {
            var result = await Spawn.RunAsync(options, timeout, cancellationToken);
            LogMessages.Ended(logger, Name(options), result.ExitCode, Milliseconds(begun));
            if (result.ExitCode != 0 && $"{result.Output}{result.Error}".Trim() is { Length: > 0 } output)
                LogMessages.Printed(logger, Name(options), output);
            return result;
        }
        catch (Exception e)
        {
            LogMessages.GivenUp(logger, Name(options), Milliseconds(begun), e.Message);
            throw;
        }
    }

    private static long Milliseconds(long begun) => (long)Stopwatch.GetElapsedTime(begun).TotalMilliseconds;

    private static string Name(SpawnOptions options) => Path.GetFileName(options.Program);

    private static string Line(SpawnOptions options) => string.Join(' ', options.Arguments.Prepend(options.Program).Select(Quote));

    // As a shell would need it, so that the line can be pasted.
    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,@%+[]{}".Contains(c))
            ? argument : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
