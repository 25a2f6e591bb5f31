namespace Stasis.Engine.Errors;

/// <summary>The dump failed and the container ended with it: CRIU was killed in one of the instants in which a process can't live without it. Nothing was written.</summary>
public sealed class ContainerGoneException(string message, Exception? inner = null) : StasisException(message, inner);
