namespace Stasis.Engine.Errors;

/// <summary>
/// A call was cancelled. The type derives from <see cref="OperationCanceledException"/>, as callers of a cancelled call
/// expect, and so isn't a <see cref="StasisException"/>.
/// </summary>
/// <param name="message">What was interrupted, and what is left.</param>
/// <param name="inner">The exception that the cancellation caused.</param>
public sealed class OperationCancelledException(string message, Exception inner)
    : OperationCanceledException(message, inner, (inner as OperationCanceledException)?.CancellationToken ?? CancellationToken.None)
{
    /// <summary>What the cancelled call left behind.</summary>
    public Survived Survived { get; init; }
}
