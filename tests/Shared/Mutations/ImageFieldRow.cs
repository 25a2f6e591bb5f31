namespace Stasis.Tests.Mutations;

/// <summary>What docs/image-fields.md says of a field.</summary>
/// <param name="Message">The message that has the field.</param>
/// <param name="Field">The field.</param>
/// <param name="Rules">IDs of the rules that hold it; none if the container owns it, or it is a message with a table of its own.</param>
/// <param name="Inner">The message whose table says more; null if there is none.</param>
/// <param name="Note">What the rules let pass, or why every value is harmless.</param>
internal sealed record ImageFieldRow(string Message, string Field, IReadOnlyList<string> Rules, string? Inner, string Note)
{
    /// <summary>Whether every value concerns the container alone.</summary>
    public bool IsLocal => Rules.Count == 0 && Inner is null;

    /// <summary>Whether the rules hold the field only in a case that the images of the tests don't have.</summary>
    public bool IsConditional => Note.StartsWith("only if", StringComparison.Ordinal);

    public override string ToString() => $"{Message}.{Field}";
}
