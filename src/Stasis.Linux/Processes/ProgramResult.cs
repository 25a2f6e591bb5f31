namespace Stasis.Linux.Processes;

/// <summary>The outcome of a program that was run until it ended.</summary>
/// <param name="ExitCode">The exit code, or 128 + the signal that ended the program.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public readonly record struct ProgramResult(int ExitCode, string Output, string Error);
