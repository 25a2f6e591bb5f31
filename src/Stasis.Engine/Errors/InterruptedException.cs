namespace Stasis.Engine.Errors;

/// <summary>A verb was cancelled on its way.</summary>
/// <param name="message">What was interrupted, and what is left.</param>
/// <param name="inner">What the cancellation threw.</param>
public sealed class InterruptedException(string message, Exception inner) : OperationCanceledException(message, inner);
