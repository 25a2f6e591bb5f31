namespace Stasis.Engine.Errors;

/// <summary>Words, which every program shows as they are.</summary>
/// <param name="Text">The words.</param>
public sealed record RemedyLiteral(string Text) : RemedyPart
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}
