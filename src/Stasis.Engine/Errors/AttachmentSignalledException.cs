using System.Runtime.InteropServices;

namespace Stasis.Engine.Errors;

/// <summary>A signal ended the attachment to a container's standard streams. The process in the container runs on.</summary>
public sealed class AttachmentSignalledException : StasisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="signal">The signal that this process received.</param>
    public AttachmentSignalledException(PosixSignal signal) : base($"the attachment was ended by {signal}; the process runs on") =>
        (Signal, Survived) = (signal, Survived.ContainerRunning);

    /// <summary>The signal that this process received.</summary>
    public PosixSignal Signal { get; }
}
