using System.Text;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Cli.Output;

/// <summary>
/// Standard output. System.Console would set up the terminal and its signals first, which writes to the terminal, costs milliseconds and
/// takes SIGCHLD.
/// </summary>
internal static class StandardOutput
{
    private static readonly Lazy<StreamWriter> Lazy = new(() => new StreamWriter(StandardStream.Output, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" });

    public static TextWriter Writer => Lazy.Value;

    public static bool IsTerminal => Terminal.IsTerminal(Terminal.Standard(1));

    public static void Line(string text) => Lazy.Value.WriteLine(text);

    /// <summary>Text with its own line ends.</summary>
    public static void Text(string text) => Lazy.Value.Write(text);

    /// <summary>Bytes as they are.</summary>
    public static void Write(ReadOnlySpan<byte> bytes) => StandardStream.Output.Write(bytes);
}
