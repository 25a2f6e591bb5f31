using System.Globalization;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;
using Stasis.Engine.Vetting.Policy.References;

namespace Stasis.Engine.Vetting.Policy.Limits;

/// <summary>Finds a lowered OOM score: the kernel would kill other processes first. A raised score harms the container alone.</summary>
internal static class OomScoreRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "oom-score",
        Finds = "a lowered score",
        Allow = "`oom-score:-500`",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Process.Unknown?.TryGetValue(UnknownSpecFieldRule.OomScore, out var value) != true || CanonicalJsonText.IsEmpty(value))
            yield break;
        if (!(value.ValueKind == System.Text.Json.JsonValueKind.Number && value.TryGetInt32(out var score)))
            yield return FindingFactory.Never(Rule, "spec.dump: process.oomScoreAdj", CanonicalJsonText.Text(value), "it is no number");
        else if (score < 0)
            yield return FindingFactory.Refused(
                Rule,
                "spec.dump: process.oomScoreAdj",
                score.ToString(CultureInfo.InvariantCulture),
                "others are killed before it when memory runs out",
                score.ToString(CultureInfo.InvariantCulture));
    }
}

internal static partial class LimitCheckList
{
    internal static readonly PolicyCheck OomScore = Add(new(170, OomScoreRule.Check, OomScoreRule.Rule));
}
