using System.Text;
using Stasis.Linux.Processes;

namespace Stasis.Cli.Output;

/// <summary>
/// Writes text to a terminal, and escapes what would control it. Names, labels and commands may come from an untrusted archive.
/// </summary>
/// <param name="terminal">Writes to the terminal.</param>
internal sealed class TerminalWriter(TextWriter terminal) : TextWriter
{
    /// <summary>Controls that text of our own has.</summary>
    public const string Kept = "\n\t";

    public override Encoding Encoding => terminal.Encoding;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(string? value) => terminal.Write(TerminalText.Escape(value ?? "", Kept));

    public override void WriteLine(string? value) => Write(value + "\n");

    public override void Flush() => terminal.Flush();
}
