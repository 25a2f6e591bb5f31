namespace Stasis.Engine.Errors;

/// <summary>What went wrong, in words for a person: "what failed: why". Everything the engine throws on purpose derives from it.</summary>
/// <param name="message">What failed and why, naming the container, path or entry.</param>
/// <param name="inner">What was caught, if anything.</param>
public class StasisException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What to do about it, where there is something to do. Shown on a line of its own.</summary>
    public string? Remedy { get; init; }

    /// <summary>The command's exit code. Podman's: 125 for the engine, 126 and 127 for a command that can't run or isn't there.</summary>
    public int ExitCode { get; init; } = 125;
}
