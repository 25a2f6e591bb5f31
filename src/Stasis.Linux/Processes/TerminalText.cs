using System.Globalization;
using System.Text;

namespace Stasis.Linux.Processes;

/// <summary>
/// Text for a terminal. What a stranger wrote must not control the terminal: move the cursor, set its title, fill the clipboard, or show
/// letters in another order than they are in.
/// </summary>
public static class TerminalText
{
    /// <summary>
    /// Whether a terminal shows a character, and nothing else happens: it isn't a control (C0, C1, DEL), a separator of lines, or a mark
    /// that changes the direction of writing.
    /// </summary>
    public static bool IsPrintable(char c) => !char.IsControl(c)
        && c is not ('\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069'));

    /// <summary>The text with each character that isn't printable as <c>\uNNNN</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kept">Controls that stay as they are, such as line ends.</param>
    public static string Escape(string text, string kept = "")
    {
        var first = 0;
        while (first < text.Length && (IsPrintable(text[first]) || kept.Contains(text[first])))
            first++;
        if (first == text.Length)
            return text;
        var escaped = new StringBuilder(text, 0, first, text.Length + 16);
        foreach (var c in text.AsSpan(first))
        {
            if (IsPrintable(c) || kept.Contains(c))
                escaped.Append(c);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        return escaped.ToString();
    }
}
