using System.Text;
using System.Text.RegularExpressions;
using Stasis.Linux.Processes;

namespace Stasis.Cli.Output;

/// <summary>
/// A container's log on a terminal. Colours, tabs and carriage returns are shown; everything else that would control the terminal is
/// escaped: the log may be that of an untrusted archive. Of a pipe, a log is written as it is.
/// </summary>
internal sealed partial class LogText
{
    // Bytes of one character may be in two parts of a line.
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>The next part of the log, for a terminal.</summary>
    public byte[] Escape(ReadOnlySpan<byte> part)
    {
        var characters = new char[_decoder.GetCharCount(part, flush: false)];
        var text = new string(characters, 0, _decoder.GetChars(part, characters, flush: false));
        var escaped = new StringBuilder();
        var from = 0;
        foreach (var color in Color().EnumerateMatches(text))
        {
            escaped.Append(TerminalText.Escape(text[from..color.Index], "\n\t\r")).Append(text.AsSpan(color.Index, color.Length));
            from = color.Index + color.Length;
        }
        return Encoding.UTF8.GetBytes(escaped.Append(TerminalText.Escape(text[from..], "\n\t\r")).ToString());
    }

    // SGR: colours and weights of letters (ECMA-48, 8.3.117).
    [GeneratedRegex(@"\x1b\[[0-9;:]{0,40}m")]
    private static partial Regex Color();
}
