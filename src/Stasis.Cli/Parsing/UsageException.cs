namespace Stasis.Cli.Parsing;

/// <summary>The command line is wrong. The message is printed with a pointer to the help of the command.</summary>
internal class UsageException(string message) : Exception(message);
