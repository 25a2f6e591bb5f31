using Stasis.Engine.Containers;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>Builds the exception of a restore that failed.</summary>
internal static class RestoreFailure
{
    /// <summary>
    /// The exception for the caller. Called before the restore is undone: CRIU's log, which the message names, is moved to where it isn't
    /// removed with the container.
    /// </summary>
    public static Exception Explain(Exception failure, LockedContainer container)
    {
        var (what, log, engine) = ($"restoring container {container.Container.Name}", container.Paths.RestoreLog, container.Engine);
        if (failure is OperationCanceledException)
        {
            return new InterruptedException(
                $"{what} was interrupted; what was made for it is gone again, and the checkpoint is as it was", failure)
            {
                Survived = Survived.Source,
            };
        }
        if (failure is ImportRefusedException)
            return failure;
        var message = FileFailure.Why(failure);
        if (File.Exists(log))
            message = message.Replace(log, CriuLog.Keep(log, engine.Layout.KeptLog(container.Id, "restore")), StringComparison.Ordinal);
        return new RestoreFailedException($"{what}: {message}", failure) { Remedy = FileFailure.Remedy(failure, engine.Layout.Root) };
    }
}
