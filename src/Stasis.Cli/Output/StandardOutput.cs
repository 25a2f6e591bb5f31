using System.Text;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Cli.Output;

/// <summary>
/// Standard output. System.Console would set up the terminal and signals first: that writes to the terminal, takes milliseconds and
/// handles SIGCHLD.
/// </summary>
internal static class StandardOutput
{
    private static readonly Lazy<TextWriter> Lazy = new(CreateWriter);

    public static TextWriter Writer => Lazy.Value;

    public static bool IsTerminal => Terminal.IsTerminal(Terminal.Standard(1));

    /// <summary>Width of the terminal that standard output is; 0 if the terminal does not tell.</summary>
    /// <exception cref="Stasis.Linux.LinuxException">Standard output is not a terminal.</exception>
    public static int Columns => Terminal.GetSize(Terminal.Standard(1)).Columns;

    // Programs get text as it is, people get it escaped.
    private static TextWriter CreateWriter()
    {
        var writer = new StreamWriter(StandardStream.Output, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        return IsTerminal ? new TerminalWriter(writer) : writer;
    }

    public static void Line(string text) => Lazy.Value.WriteLine(text);

    /// <summary>Writes text that has its own line ends.</summary>
    public static void Text(string text) => Lazy.Value.Write(text);

    /// <summary>Writes bytes as they are.</summary>
    public static void Write(ReadOnlySpan<byte> bytes) => StandardStream.Output.Write(bytes);
}
