using Stasis.Engine.Containers;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>Creates the exceptions of a failed checkpoint: why it failed, and whether the container still runs.</summary>
internal static class CheckpointFailure
{
    /// <summary>
    /// Creates the exception to throw. CRIU's log, if the message names it, is kept beside the container and named there.
    /// </summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="locked">The container.</param>
    /// <param name="hasEnded">Its first process ended with the dump.</param>
    public static Exception Explain(Exception failure, LockedContainer locked, bool hasEnded)
    {
        var what = $"checkpointing container {locked.Container.Name}";
        var reason = GetReason(failure, locked.Paths);
        if (hasEnded)
        {
            return new ContainerLostInDumpException($"{what}: {reason}; the container's first process ended with it", failure)
            {
                Remedy = "start it anew, or restore an earlier checkpoint",
            };
        }
        if (failure is OperationCanceledException)
        {
            return new OperationCancelledException($"{what} was interrupted; the container runs as before", failure)
            {
                Survived = Survived.ContainerRunning,
            };
        }
        return new CheckpointFailedException($"{what}: {reason}", failure)
        {
            Remedy = FileErrorText.Remedy(failure, locked.Engine.Layout.Root) is { } remedy
                ? Remedy.Create($"The container runs as before; {remedy}")
                : "The container runs as before.",
        };
    }

    /// <summary>
    /// Creates the exception to throw where a container runs on and its archive can't be written. Since the dump, other commands may have
    /// ended the container.
    /// </summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="container">The container, whose lock was released.</param>
    public static Exception ExplainExport(Exception failure, LockedContainer container)
    {
        if (container.Engine.ContainerStore.FindById(container.Id)?.State.IsAlive == true)
            return Explain(failure, container, hasEnded: false);
        var what = $"checkpointing container {container.Container.Name}";
        const string Meanwhile = "the container was stopped or removed meanwhile";
        return failure is OperationCanceledException
            ? new OperationCancelledException($"{what} was interrupted; {Meanwhile}", failure)
            : new StasisException($"{what}: {GetReason(failure, container.Paths)}; {Meanwhile}", failure)
            {
                Remedy = FileErrorText.Remedy(failure, container.Engine.Layout.Root),
            };
    }

    private static string GetReason(Exception failure, ContainerLayout paths)
    {
        var message = FileErrorText.Why(failure);
        var log = paths.DumpWorkLog;
        return File.Exists(log) ? message.Replace(log, CriuLog.Keep(log, paths.DumpLog), StringComparison.Ordinal) : message;
    }
}
