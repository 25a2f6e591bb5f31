using System.Text;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Cli.Output;

/// <summary>Standard error, for messages.</summary>
internal static class StandardError
{
    private static readonly Lazy<StreamWriter> Lazy = new(() => new StreamWriter(StandardStream.Error, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" });

    public static TextWriter Writer => Lazy.Value;

    public static bool IsTerminal => Terminal.IsTerminal(Terminal.Standard(2));

    /// <summary>Rows and columns of the terminal that it is.</summary>
    public static (int Rows, int Columns) Size => Terminal.GetSize(Terminal.Standard(2)) is { Rows: > 0, Columns: > 0 } size ? size : (24, 80);

    /// <summary>A message; if nobody can get it, there is nobody to tell.</summary>
    public static void Line(string text)
    {
        try
        {
            Lazy.Value.WriteLine(text);
        }
        catch (LinuxException)
        {
            return; // it is closed
        }
    }

    /// <summary>Bytes as they are.</summary>
    public static void Write(ReadOnlySpan<byte> bytes) => StandardStream.Error.Write(bytes);
}
