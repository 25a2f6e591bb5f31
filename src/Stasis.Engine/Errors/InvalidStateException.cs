namespace Stasis.Engine.Errors;

/// <summary>The verb isn't allowed in the container's state. Nothing was changed.</summary>
public sealed class InvalidStateException(string message) : StasisException(message);
