using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Stasis.Linux.Files;

namespace Stasis.Engine.Logging;

/// <summary>Takes file locks, and logs those that had to be waited for.</summary>
internal sealed class LockAcquirer(ILogger logger)
{
    /// <inheritdoc cref="FileLock.AcquireAsync"/>
    public Task<FileLock> AcquireAsync(string path, bool shared, CancellationToken cancellationToken) =>
        logger.IsEnabled(LogLevel.Debug)
            ? AcquireLoggedAsync(path, shared, cancellationToken)
            : FileLock.AcquireAsync(path, shared, cancellationToken);

    private async Task<FileLock> AcquireLoggedAsync(string path, bool shared, CancellationToken cancellationToken)
    {
        var begun = 0L;
        var held = await FileLock.AcquireAsync(path, shared, cancellationToken, Wait);
        if (begun != 0)
            LogMessages.GotLock(logger, path, (long)Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        return held;

        void Wait()
        {
            LogMessages.WaitingForLock(logger, path);
            begun = Stopwatch.GetTimestamp();
        }
    }
}
