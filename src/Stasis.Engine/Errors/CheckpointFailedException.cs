namespace Stasis.Engine.Errors;

/// <summary>The dump failed and the container still runs as before.</summary>
public sealed class CheckpointFailedException(string message, Exception? inner = null) : StasisException(message, inner);
