using System.Text;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Cli.Output;

/// <summary>Standard error, for messages and for the status line of long operations.</summary>
internal static class StandardError
{
    private static readonly Lazy<StreamWriter> Lazy =
        new(() => new StreamWriter(StandardStream.Error, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" });
    private static readonly Lock Gate = new();
    private static int _statusLength;

    public static bool IsTerminal => Terminal.IsTerminal(Terminal.Standard(2));

    /// <summary>Width of the terminal that standard error is; 80 if it is unknown.</summary>
    public static int Columns
    {
        get
        {
            try
            {
                return Terminal.GetSize(Terminal.Standard(2)).Columns is > 0 and var columns ? columns : 80;
            }
            catch (LinuxException)
            {
                return 80; // the terminal is gone
            }
        }
    }

    /// <summary>
    /// Writes a message, in place of a status line. What would control a terminal is escaped. Does nothing if standard error is closed.
    /// </summary>
    public static void Line(string text)
    {
        lock (Gate)
        {
            Status("");
            Write(TerminalText.Escape(text, TerminalWriter.Kept) + "\n");
        }
    }

    /// <summary>
    /// Shows a line on the terminal, in place of the one that was shown before; the next message replaces it. An empty text removes it.
    /// Writes no escape sequences, so that any terminal will do.
    /// </summary>
    public static void Status(string text)
    {
        lock (Gate)
        {
            if (text.Length > 0)
                Write("\r" + text.PadRight(_statusLength));
            else if (_statusLength > 0)
                Write("\r" + new string(' ', _statusLength) + "\r");
            _statusLength = text.Length;
        }
    }

    /// <summary>Writes bytes as they are.</summary>
    public static void Write(ReadOnlySpan<byte> bytes) => StandardStream.Error.Write(bytes);

    private static void Write(string text)
    {
        try
        {
            Lazy.Value.Write(text);
        }
        catch (LinuxException)
        {
            return; // it is closed: nobody can be told
        }
    }
}
