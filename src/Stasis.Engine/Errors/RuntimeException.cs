namespace Stasis.Engine.Errors;

/// <summary>The OCI runtime failed; its words are in the message.</summary>
/// <param name="message">What the runtime was to do, and why it failed.</param>
/// <param name="problem">What is wrong with the command that was to run in the container, if the runtime blames that.</param>
public sealed class RuntimeException(string message, CommandProblem problem = CommandProblem.None) : StasisException(message)
{
    /// <summary>What is wrong with the command that was to run in the container, if the runtime blames that.</summary>
    public CommandProblem Problem { get; } = problem;
}
