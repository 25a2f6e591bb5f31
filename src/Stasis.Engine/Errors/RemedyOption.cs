namespace Stasis.Engine.Errors;

/// <summary>An option of a call that helps, with the value to give it.</summary>
/// <param name="Option">Which option.</param>
/// <param name="Value">The value, or what stands for one; none where any value is meant.</param>
public sealed record RemedyOption(RemedyOptionKind Option, string? Value = null) : RemedyPart
{
    /// <inheritdoc/>
    public override string ToString() => Value is null ? $"the option {Option}" : $"the option {Option} = {Value}";
}
