namespace Stasis.Engine.Errors;

/// <summary>A program that the call needs isn't installed, or isn't the right one.</summary>
/// <param name="program">The program's name, or the path that was asked for.</param>
/// <param name="message">What needs the program.</param>
/// <param name="inner">The exception that caused the failure, if any.</param>
public sealed class MissingProgramException(string program, string message, Exception? inner = null) : StasisException(message, inner)
{
    /// <summary>The program's name, or the path that was asked for.</summary>
    public string Program { get; } = program;
}
