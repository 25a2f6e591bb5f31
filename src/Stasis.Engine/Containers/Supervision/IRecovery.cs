using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>Puts right what a verb left half-done when its process died.</summary>
internal interface IRecovery
{
    /// <summary>
    /// Undoes or finishes the operation. May itself be killed and is then called again. Its row is taken away afterwards by the caller (if the container still exists).
    /// </summary>
    Task RecoverAsync(LockedContainer container, Operation operation, CancellationToken cancellation);
}
