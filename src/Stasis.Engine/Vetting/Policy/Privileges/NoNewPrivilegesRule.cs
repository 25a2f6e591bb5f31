using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>Lists containers without no-new-privileges. That is Podman's default, so that setuid programs of the image work.</summary>
internal static class NoNewPrivilegesRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "no-new-privileges",
        Finds = "no-new-privileges is off, which is Podman's default: listed only",
        Severity = Severity.Info,
    };

    public static IEnumerable<Finding> Check(VettingSubject subject) => subject.Process.NoNewPrivileges == true
        ? [] : [FindingFactory.Info(
            Rule,
            "spec.dump: process.noNewPrivileges",
            "false",
            "setuid programs in it may gain what its bounding set has, as in every plain container")];
}

internal static partial class PrivilegeCheckList
{
    internal static readonly PolicyCheck NoNewPrivileges = Add(new(110, NoNewPrivilegesRule.Check, NoNewPrivilegesRule.Rule));
}
