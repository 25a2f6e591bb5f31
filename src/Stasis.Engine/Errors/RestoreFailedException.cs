namespace Stasis.Engine.Errors;

/// <summary>The restore failed. Everything it created is removed, and its source is unchanged.</summary>
public sealed class RestoreFailedException : StasisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which container, and why.</param>
    /// <param name="inner">The exception that caused the failure, if any.</param>
    public RestoreFailedException(string message, Exception? inner = null) : base(message, inner) => Survived = Survived.Source;
}
