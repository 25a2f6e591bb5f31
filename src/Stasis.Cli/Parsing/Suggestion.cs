using System.CommandLine;
using Stasis.Cli.Output.HelpText;

namespace Stasis.Cli.Parsing;

/// <summary>What a command that there isn't may have been meant to be.</summary>
internal static class Suggestion
{
    /// <summary>An error that names <paramref name="word"/> and the command that comes closest to it.</summary>
    /// <param name="group">Full name of the command that <paramref name="word"/> was looked for under, such as "stasis container".</param>
    /// <param name="word">The word.</param>
    public static UsageException Unknown(string group, string word)
    {
        var commands = All(CommandTree.Build()).Where(command => !command.Hidden).ToList();
        // The right word in the wrong place, or else the nearest word in this one.
        var meant = commands.FirstOrDefault(command => command.Name == word)
            ?? commands.Where(command => Help.FullName(command) == $"{group} {command.Name}" && Distance(command.Name, word) <= Math.Max(1, word.Length / 3))
                .MinBy(command => Distance(command.Name, word));
        return new UsageException($"unknown command \"{group} {word}\"{(meant is null ? "" : $"; did you mean \"{Help.FullName(meant)}\"?")}");
    }

    /// <summary>How many letters are to be changed, added, left out, or swapped with their neighbour (optimal string alignment).</summary>
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
