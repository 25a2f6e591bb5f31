using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;
using Stasis.Engine.Vetting.Policy.References;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>Finds an execution domain (personality(2)) other than Linux's own.</summary>
internal static class PersonalityRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "personality",
        Finds = "another execution domain",
        Allow = "`personality:{\"domain\":\"LINUX32\"}`",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Linux.Unknown?.TryGetValue(UnknownSpecFieldRule.Personality, out var value) != true || CanonicalJsonText.IsEmpty(value))
            yield break;
        var text = CanonicalJsonText.Text(value);
        if (text is not "{\"domain\":\"LINUX\"}" and not "{\"domain\":\"\"}")
            yield return FindingFactory.Refused(
                Rule,
                "spec.dump: linux.personality",
                text,
                "it runs in another execution domain, which may take protections such as address randomisation away",
                text);
    }
}

internal static partial class PrivilegeCheckList
{
    internal static readonly PolicyCheck Personality = Add(new(190, PersonalityRule.Check, PersonalityRule.Rule));
}
