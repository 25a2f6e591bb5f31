using System.CommandLine;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Output.HelpText;

/// <summary>The exit codes of a command, for its man page.</summary>
internal static class ExitStatus
{
    /// <summary>A code that stands for those of another program, in <see cref="Verb.ExitCodes"/>.</summary>
    public const string Other = "Other";

    /// <summary>All exit codes of a command, each with its meaning; <see cref="Other"/> comes last.</summary>
    public static IReadOnlyList<(string Code, string Meaning)> FromCommand(Command command)
    {
        if (command is not Verb verb)
            return [("0", "Help was printed."), ("125", "The command is missing or unknown.")];
        var own = verb.ExitCodes;
        var codes = own.Where(row => row.Code != Other).ToList();
        if (!codes.Exists(row => row.Code == "0"))
            codes.Insert(0, ("0", "Success."));
        codes.Insert(
            codes.FindLastIndex(row => row.Code is "0" or "1" or "2") + 1,
            ("125", "Stasis failed, or the command line is wrong."));
        var others = own.Where(row => row.Code == Other).ToList();
        if (others.Count == 0)
        {
            codes.Add(("130, 143", "The command was interrupted by SIGINT or SIGTERM."));
            codes.Add(("141", "Nobody reads the output any more (SIGPIPE)."));
        }
        return [.. codes, .. others];
    }

    /// <summary>What the exit status is where a command handles several things; empty for other commands.</summary>
    public static string NoteFor(Command command) => command is Verb { HandlesEach: { } things }
        ? $"Of several {things}, each is tried, also after a failure; the exit status is that of the first failure."
        : "";
}
