namespace Stasis.Cli.Output.Templates;

internal enum TokenKind
{
    /// <summary>Text outside of actions.</summary>
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
    /// <summary>The end of the template.</summary>
    End,
}
