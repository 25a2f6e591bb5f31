namespace Stasis.Engine.Errors;

/// <summary>A name, ID, address or port is taken, or something is in use. Nothing was changed.</summary>
public sealed class InUseException : StasisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is taken, and by what.</param>
    public InUseException(string message) : base(message) => Survived = Survived.Everything;
}
