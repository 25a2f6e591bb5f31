using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>Recovers an operation that a verb left half-done when its process died.</summary>
internal interface IOperationRecovery
{
    /// <summary>
    /// Undoes or finishes the operation. If this process is killed meanwhile, the next command calls it again. The caller deletes
    /// the operation's row afterwards, if the container still exists.
    /// </summary>
    Task RecoverAsync(LockedContainer container, PendingOperation operation, CancellationToken cancellation);
}
