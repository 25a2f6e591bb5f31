using Stasis.Engine.Model;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>Finds <c>--privileged</c>. Allowing it allows everything that comes with it (<see cref="AllowList"/>).</summary>
internal static class PrivilegedRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "privileged",
        Finds = "`privileged` in config.dump, or Podman's annotation of it",
        Allow = "`privileged`",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var annotated = subject.Spec.Annotations?.GetValueOrDefault(Annotations.Privileged) is { } value
            && !value.Equals("FALSE", StringComparison.OrdinalIgnoreCase);
        if (subject.Config.Privileged || annotated)
            yield return new Finding(
                Rule.Id,
                Severity.Refused,
                subject.Config.Privileged ? "config.dump: privileged" : $"spec.dump: annotations[{Annotations.Privileged}]",
                "true",
                "it runs without any confinement",
                Rule.Id);
    }
}

internal static partial class PrivilegeCheckList
{
    internal static readonly PolicyCheck Privileged = Add(new(10, PrivilegedRule.Check, PrivilegedRule.Rule));
}
