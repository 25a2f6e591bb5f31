using System.Text;

namespace Stasis.Cli.Output;

/// <summary>
/// Standard output. <see cref="Console"/>'s own writer would set up the terminal and its signals first, which costs milliseconds and
/// takes SIGCHLD.
/// </summary>
internal static class StandardOutput
{
    private static readonly Lazy<StreamWriter> Lazy = new(() =>
        new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" });

    public static TextWriter Writer => Lazy.Value;

    public static void Line(string text) => Lazy.Value.WriteLine(text);

    /// <summary>Bytes as they are.</summary>
    public static void Write(ReadOnlySpan<byte> bytes) => Lazy.Value.BaseStream.Write(bytes);
}

/// <summary>Standard error, for messages.</summary>
internal static class StandardError
{
    private static readonly Lazy<StreamWriter> Lazy = new(() =>
        new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" });

    public static bool IsTerminal => !Console.IsErrorRedirected;

    public static void Line(string text) => Lazy.Value.WriteLine(text);

    /// <summary>Bytes as they are.</summary>
    public static void Write(ReadOnlySpan<byte> bytes) => Lazy.Value.BaseStream.Write(bytes);
}
