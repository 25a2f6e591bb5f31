namespace Stasis.Linux.Processes;

/// <summary>What a program printed and how it ended.</summary>
/// <param name="ExitCode">Its exit code, or 128 + the signal that ended it.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
public readonly record struct SpawnResult(int ExitCode, string Output, string Error);
