namespace Stasis.Engine.Errors;

/// <summary>The dump or the archive failed. The container runs as before.</summary>
public sealed class CheckpointFailedException : StasisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which container, and why.</param>
    /// <param name="inner">The exception that caused the failure, if any.</param>
    public CheckpointFailedException(string message, Exception? inner = null) : base(message, inner) =>
        Survived = Survived.ContainerRunning;
}
