namespace Stasis.Engine.Errors;

/// <summary>The container's state doesn't allow the call. Nothing was changed.</summary>
public sealed class InvalidStateException : StasisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The call, the container and its state.</param>
    public InvalidStateException(string message) : base(message) => Survived = Survived.Everything;
}
