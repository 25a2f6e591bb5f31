namespace Stasis.Engine.Errors;

/// <summary>There is no container, image, volume, network or checkpoint of that name or ID. Nothing was changed.</summary>
public sealed class NotFoundException : StasisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing.</param>
    public NotFoundException(string message) : base(message) => Survived = Survived.Everything;
}
