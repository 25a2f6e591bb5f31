namespace Stasis.Cli.Output.Templates;

/// <summary>A token of a template.</summary>
/// <param name="Kind">The kind of token.</param>
/// <param name="Text">The text; of a field, without the dot.</param>
/// <param name="Position">Where the token begins.</param>
/// <param name="Stop">Where the token ends.</param>
/// <param name="AfterSpace">Whether there is space before the token: <c>.A .B</c> are two operands, <c>.A.B</c> is one.</param>
/// <param name="Value">The value of a constant.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position, int Stop, bool AfterSpace = false, Value? Value = null);
