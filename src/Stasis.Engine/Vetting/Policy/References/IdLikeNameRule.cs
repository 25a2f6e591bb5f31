using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Finds a name that reads as another container's ID: commands that mean that container by its short ID would reach this one, since a
/// whole name goes before the beginning of an ID.
/// </summary>
internal static class IdLikeNameRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "name",
        Finds = "a name of 12 to 64 hexadecimal digits, or one that an ID on this host begins with: commands would take it for that ID. "
            + "With `--name`, the restore uses another one instead",
    };

    private const int ShortId = 12, WholeId = 64;

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var name = subject.Config.Name;
        if (subject.Replaced.Name || name.Length is 0 or > WholeId || !name.All(char.IsAsciiHexDigitLower))
            yield break;
        if (name.Length >= ShortId || subject.BeginsAnotherId(name))
            yield return FindingFactory.Never(
                Rule,
                "config.dump: name",
                name,
                "commands would take its name for an ID; restore it under another one: --name NAME");
    }
}

internal static partial class ReferenceCheckList
{
    internal static readonly PolicyCheck Name = Add(new(245, IdLikeNameRule.Check, IdLikeNameRule.Rule));
}
