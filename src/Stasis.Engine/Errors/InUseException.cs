namespace Stasis.Engine.Errors;

/// <summary>The name or ID is taken. Nothing was changed.</summary>
public sealed class InUseException(string message) : StasisException(message);
