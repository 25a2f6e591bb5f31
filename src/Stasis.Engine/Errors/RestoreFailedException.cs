namespace Stasis.Engine.Errors;

/// <summary>The restore failed; all that was made on the way is undone, and what it was restored from is untouched.</summary>
public sealed class RestoreFailedException(string message, Exception? inner = null) : StasisException(message, inner);
