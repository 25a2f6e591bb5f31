using Stasis.Engine.Vetting;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>What the refusal of a hostile archive has to name.</summary>
internal static class RefusalText
{
    private static readonly string[] Entries =
        ["spec.dump", "config.dump", "checkpoint/", "rootfs-diff.tar", "volumes/", "ctr.log", "network.status"];

    /// <summary>What of the archive's entry and the rule isn't named.</summary>
    /// <param name="attack">The attack.</param>
    /// <param name="refusal">What was said.</param>
    /// <param name="beforeRule">What stands before a rule's ID.</param>
    public static IEnumerable<string> FindMissing(Attack attack, string refusal, string beforeRule)
    {
        if (!Entries.Any(entry => refusal.Contains(entry, StringComparison.Ordinal)))
            yield return "the refusal names no entry";
        // What isn't of an archive's form, or beyond its limits, is told by the entry and the field.
        if (attack.Kind != AttackKind.Bombs && !refusal.Contains(": entry ", StringComparison.Ordinal)
            && !RuleCatalog.Policy.Concat(RuleCatalog.Images)
                .Any(rule => refusal.Contains($"{beforeRule}{rule.Id} ", StringComparison.Ordinal)))
            yield return "the refusal names no rule";
    }
}
