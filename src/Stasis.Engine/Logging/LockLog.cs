using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Stasis.Linux.Files;

namespace Stasis.Engine.Logging;

/// <summary>Takes file locks, and logs those that had to be waited for.</summary>
internal sealed class LockLog(ILogger logger)
{
    /// <inheritdoc cref="FileLock.AcquireAsync"/>
    public Task<FileLock> AcquireAsync(string path, bool shared, CancellationToken cancellationToken) =>
        logger.IsEnabled(LogLevel.Debug)
            ? AcquireLoggedAsync(path, shared, cancellationToken)
            : FileLock.AcquireAsync(path, shared, cancellationToken);

    private async Task<FileLock> AcquireLoggedAsync(string path, bool shared, CancellationToken cancellationToken)
    {
        if (FileLock.TryAcquire(path, shared) is { } free)
            return free;
        LogMessages.WaitingForLock(logger, path);
        var begun = Stopwatch.GetTimestamp();
        var held = await FileLock.AcquireAsync(path, shared, cancellationToken);
        LogMessages.GotLock(logger, path, (long)Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        return held;
    }
}
