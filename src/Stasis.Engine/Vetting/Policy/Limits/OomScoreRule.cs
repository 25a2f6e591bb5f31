using System.Globalization;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;
using Stasis.Engine.Vetting.Policy.References;

namespace Stasis.Engine.Vetting.Policy.Limits;

/// <summary>A lowered OOM score: the kernel would rather kill others. A raised one is the container's own loss.</summary>
internal static class OomScoreRule
{
    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Process.Unknown?.TryGetValue(FieldRule.OomScore, out var value) != true || CanonicalJson.IsEmpty(value))
            yield break;
        if (!(value.ValueKind == System.Text.Json.JsonValueKind.Number && value.TryGetInt32(out var score)))
            yield return FindingFactory.Never("oom-score", "spec.dump: process.oomScoreAdj", CanonicalJson.Text(value), "it is no number");
        else if (score < 0)
            yield return FindingFactory.Refused("oom-score", "spec.dump: process.oomScoreAdj", score.ToString(CultureInfo.InvariantCulture), "others are killed before it when memory runs out", score.ToString(CultureInfo.InvariantCulture));
    }
}
