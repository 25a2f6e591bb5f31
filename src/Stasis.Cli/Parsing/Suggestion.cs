using System.CommandLine;
using Stasis.Cli.Output.HelpText;

namespace Stasis.Cli.Parsing;

/// <summary>Suggests a command for one that does not exist.</summary>
internal static class Suggestion
{
    /// <summary>An error that names an unknown command and the command that is closest to it.</summary>
    /// <param name="group">Full name of the group in which the command was looked for, such as "stasis container".</param>
    /// <param name="word">The unknown command.</param>
    public static UsageException Unknown(string group, string word)
    {
        var commands = All(CommandTree.Build()).Where(command => !command.Hidden).ToList();
        // A command of that name elsewhere, or else one with a similar name in the group.
        var closest = commands.FirstOrDefault(command => command.Name == word)
            ?? commands
                .Where(command => Help.FullName(command) == $"{group} {command.Name}")
                .Where(command => Distance(command.Name, word) <= Math.Max(1, word.Length / 3))
                .MinBy(command => Distance(command.Name, word));
        return new UsageException(
            $"unknown command \"{group} {word}\"{(closest is null ? "" : $"; did you mean \"{Help.FullName(closest)}\"?")}");
    }

    /// <summary>Edit distance with transpositions (optimal string alignment).</summary>
    internal static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }
                var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
