using System.Globalization;
using System.Text;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Vetting.Findings;

/// <summary>
/// Quotes values as one word of a shell's command line, so that a flag from a message can be pasted whatever
/// an archive has put into it.
/// </summary>
public static class ShellQuoting
{
    /// <summary>Returns the value itself if no character in it is special to a shell, and the quoted value otherwise.</summary>
    public static string Quote(string value)
    {
        if (value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || "_-./:=,@%+".Contains(c, StringComparison.Ordinal)))
            return value;
        if (value.All(TerminalText.IsPrintable))
            return $"'{value.Replace("'", @"'\''", StringComparison.Ordinal)}'";
        var word = new StringBuilder("$'");
        foreach (var c in value)
        {
            if (c is '\'' or '\\')
                word.Append('\\').Append(c);
            else if (!TerminalText.IsPrintable(c))
                word.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                word.Append(c);
        }
        return word.Append('\'').ToString();
    }
}
