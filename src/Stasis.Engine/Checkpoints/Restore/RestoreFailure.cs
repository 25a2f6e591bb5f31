using System.Text.Json;
using Stasis.Engine.Containers;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>Builds the exception of a restore that failed.</summary>
internal static class RestoreFailure
{
    /// <summary>
    /// The exception for the caller. Called before the restore is undone: CRIU's log, which the message names, is moved to where it isn't
    /// removed with the container.
    /// </summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="container">The container.</param>
    /// <param name="title">What it is restored from.</param>
    public static Exception Explain(Exception failure, LockedContainer container, string title)
    {
        if (ReadFindings(container) is { } findings)
            return new ImportRefusedException(title, findings);
        var (what, log, engine) = ($"restoring container {container.Container.Name}", container.Paths.RestoreLog, container.Engine);
        if (failure is OperationCanceledException)
        {
            return new OperationCancelledException(
                $"{what} was interrupted; what was made for it is gone again, and the checkpoint is as it was", failure)
            {
                Survived = Survived.Source,
            };
        }
        if (failure is ImportRefusedException)
            return failure;
        var message = FileErrorText.Why(failure);
        if (File.Exists(log))
            message = message.Replace(log, KeptLogs.Keep(engine.Layout, log, container.Id, "restore"), StringComparison.Ordinal);
        return new RestoreFailedException($"{what}: {message}", failure) { Remedy = FileErrorText.Remedy(failure, engine.Layout.Root) };
    }

    /// <summary>The exception for the caller if undoing the restore has failed, too.</summary>
    /// <param name="failure">Why the restore failed.</param>
    /// <param name="undo">Why it couldn't be undone.</param>
    public static Exception WithUndo(Exception failure, Exception undo)
    {
        var left = $"what was made for it couldn't all be removed: {FileErrorText.Why(undo)}";
        const string Remedy = "every further command tries again to remove it";
        return failure is OperationCanceledException
            ? new OperationCancelledException($"the restore was interrupted, and {left}; {Remedy}", failure) { Survived = Survived.Source }
            : new RestoreFailedException($"{failure.Message}; and {left}", failure) { Remedy = Remedy };
    }

    // Written by the jail, if what was restored may not run.
    private static IReadOnlyList<Finding>? ReadFindings(LockedContainer container) => File.Exists(container.Paths.JailFindings)
        ? JsonSerializer.Deserialize(File.ReadAllBytes(container.Paths.JailFindings), EngineJson.Default.IReadOnlyListFinding)
        : null;
}
