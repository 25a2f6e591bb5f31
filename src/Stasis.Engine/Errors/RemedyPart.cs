namespace Stasis.Engine.Errors;

/// <summary>
/// A part of a <see cref="Remedy"/>: <see cref="RemedyLiteral"/>, a <see cref="RemedyCall"/> or a
/// <see cref="RemedyOption"/>.
/// </summary>
public abstract record RemedyPart
{
    private protected RemedyPart()
    {
    }

    /// <summary>The part as the library words it.</summary>
    public abstract override string ToString();
}
