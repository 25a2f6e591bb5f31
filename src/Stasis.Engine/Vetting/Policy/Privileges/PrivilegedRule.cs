using Stasis.Engine.Model;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary><c>--privileged</c>: allowed as a whole, it permits what comes with it (<see cref="AllowList"/>).</summary>
internal static class PrivilegedRule
{
    /// <summary>The rule, and what is given to --allow.</summary>
    public const string Id = "privileged";

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var annotated = subject.Spec.Annotations?.GetValueOrDefault(Annotations.Privileged) is { } value && !value.Equals("FALSE", StringComparison.OrdinalIgnoreCase);
        if (subject.Config.Privileged || annotated)
            yield return new Finding(Id, Severity.Refused, subject.Config.Privileged ? "config.dump: privileged" : $"spec.dump: annotations[{Annotations.Privileged}]", "true", "it runs without any confinement", Id);
    }
}
