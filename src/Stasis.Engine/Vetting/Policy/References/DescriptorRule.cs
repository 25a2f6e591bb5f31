using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>Descriptors that the engine's caller is to hand in.</summary>
internal static class DescriptorRule
{
    public static IEnumerable<Finding> Check(VettingSubject subject) =>
        from field in subject.Config.Unknown ?? new Dictionary<string, JsonElement>()
        where field.Key is "preserveFds" or "preserveFd" && !CanonicalJson.IsEmpty(field.Value) && CanonicalJson.Text(field.Value) != "0"
        select FindingFactory.Never("descriptor", $"config.dump: {field.Key}", CanonicalJson.Text(field.Value), "open files of the process that starts it");
}
