using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Policy;
using Stasis.Engine.Vetting.Restored;

namespace Stasis.Engine.Vetting;

/// <summary>Every rule that there is. What <c>--allow</c> accepts and what the documentation says comes from here.</summary>
internal static class RuleCatalog
{
    /// <summary>Rules of the import policy, in the order in which their findings are listed.</summary>
    public static IReadOnlyList<RuleDescriptor> Policy { get; } =
        [.. PolicyCheckRunner.Checks.SelectMany(check => check.Rules), VettingBudget.Rule];

    /// <summary>Rules of the image verifier, in the order in which they are checked.</summary>
    public static IReadOnlyList<RuleDescriptor> Images { get; } = [.. ImageVerifier.Checks.SelectMany(check => check.Rules)];

    /// <summary>Rules of what a restore has made.</summary>
    public static IReadOnlyList<RuleDescriptor> Restored { get; } = RestoredVerifier.Rules;

    /// <summary>The words that a value for <c>--allow</c> can begin with.</summary>
    public static IReadOnlyList<string> AllowNames { get; } =
        [.. Policy.Concat(Images).Concat(Restored).Where(rule => rule.Allow is not null).Select(rule => rule.AllowName).Distinct()];

    /// <summary>The rule with an ID, or null if there is none.</summary>
    public static RuleDescriptor? Find(string id) => Policy.Concat(Images).Concat(Restored).FirstOrDefault(rule => rule.Id == id);
}
