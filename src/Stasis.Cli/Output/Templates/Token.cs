namespace Stasis.Cli.Output.Templates;

/// <summary>A word of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">It; for fields without the dot.</param>
/// <param name="Position">Where it begins.</param>
/// <param name="Stop">Where it is over.</param>
/// <param name="AfterSpace">There is space before it: <c>.A .B</c> are two, <c>.A.B</c> is one.</param>
/// <param name="Value">Of a constant.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position, int Stop, bool AfterSpace = false, Value? Value = null);
