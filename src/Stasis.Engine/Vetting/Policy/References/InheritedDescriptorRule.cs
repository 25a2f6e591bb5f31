using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>Finds descriptors that the engine would have to inherit from its caller.</summary>
internal static class InheritedDescriptorRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "descriptor",
        Finds = "open files of the caller",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject) =>
        from field in subject.Config.Unknown ?? new Dictionary<string, JsonElement>()
        where field.Key is "preserveFds" or "preserveFd" && !CanonicalJsonText.IsEmpty(field.Value)
            && CanonicalJsonText.Text(field.Value) != "0"
        select FindingFactory.Never(
            Rule,
            $"config.dump: {field.Key}",
            CanonicalJsonText.Text(field.Value),
            "open files of the process that starts it");
}

internal static partial class ReferenceCheckList
{
    internal static readonly PolicyCheck Descriptor = Add(new(280, InheritedDescriptorRule.Check, InheritedDescriptorRule.Rule));
}
