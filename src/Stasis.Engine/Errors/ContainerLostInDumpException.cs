namespace Stasis.Engine.Errors;

/// <summary>
/// The dump failed and the container ended with it: CRIU was killed while a process of the container ran code of
/// CRIU's. No archive was made.
/// </summary>
public sealed class ContainerLostInDumpException : StasisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which container, and why.</param>
    /// <param name="inner">The exception that caused the failure, if any.</param>
    public ContainerLostInDumpException(string message, Exception? inner = null) : base(message, inner) =>
        Survived = Survived.ContainerEnded;
}
