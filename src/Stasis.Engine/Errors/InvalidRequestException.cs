namespace Stasis.Engine.Errors;

/// <summary>A name, option or combination of options isn't valid. Nothing was changed.</summary>
public sealed class InvalidRequestException : StasisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which value isn't valid, and why.</param>
    public InvalidRequestException(string message) : base(message) => Survived = Survived.Everything;
}
