namespace Stasis.Cli.Output.Templates;

internal enum TokenKind
{
    /// <summary>What stands outside of actions.</summary>
    Text,
    Open,
    Close,
    /// <summary>".Name".</summary>
    Field,
    /// <summary>".".</summary>
    Dot,
    /// <summary>"$name" or "$".</summary>
    Variable,
    /// <summary>A keyword or the name of a function.</summary>
    Word,
    Constant,
    Pipe,
    LeftParenthesis,
    RightParenthesis,
    Comma,
    /// <summary>":=".</summary>
    Declare,
    /// <summary>"=".</summary>
    Assign,
    /// <summary>The template is over.</summary>
    End,
}

/// <summary>A word of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">It; for fields without the dot.</param>
/// <param name="Position">Where it begins.</param>
/// <param name="Stop">Where it is over.</param>
/// <param name="AfterSpace">There is space before it: <c>.A .B</c> are two, <c>.A.B</c> is one.</param>
/// <param name="Value">Of a constant.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position, int Stop, bool AfterSpace = false, Value? Value = null);
