namespace Stasis.Engine.Errors;

/// <summary>There is no container, image or volume of that name or ID.</summary>
public sealed class NotFoundException(string message) : StasisException(message);
