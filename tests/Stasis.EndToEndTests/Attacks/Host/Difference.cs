namespace Stasis.EndToEndTests.Attacks;

/// <summary>Something that is different at another time, or in another container.</summary>
/// <param name="Subject">What was looked at.</param>
/// <param name="Before">How it was; null if it wasn't there.</param>
/// <param name="After">How it is; null if it isn't there any more.</param>
internal sealed record Difference(string Subject, string? Before, string? After)
{
    public override string ToString() => this switch
    {
        { Before: null } => $"new: {Subject}: {After}",
        { After: null } => $"gone: {Subject}: {Before}",
        _ => $"changed: {Subject}: {Before} -> {After}",
    };
}
