using System.Globalization;

namespace Stasis.Cli.Output.HelpText;

/// <summary>How many columns help text takes.</summary>
internal static class HelpWidth
{
    private const int Default = 80;
    private const int Least = 40;

    /// <summary>$COLUMNS, or else the width of the terminal that standard output is, or else 80; at least 40.</summary>
    public static int Current =>
        Choose(Environment.GetEnvironmentVariable("COLUMNS"), StandardOutput.IsTerminal ? StandardOutput.Columns : 0);

    /// <param name="variable">The value of $COLUMNS; ignored unless it is a number above 0.</param>
    /// <param name="terminal">Width of the terminal; 0 if it is unknown, or if there is no terminal.</param>
    internal static int Choose(string? variable, int terminal)
    {
        var isSet = int.TryParse(variable, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0;
        return Math.Max(Least, isSet ? given : terminal > 0 ? terminal : Default);
    }
}
