using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>Podman's default leaves no-new-privileges off, so that setuid programs of the image work: listed, and no more.</summary>
internal static class NoNewPrivilegesRule
{
    public static IEnumerable<Finding> Check(VettingSubject subject) => subject.Process.NoNewPrivileges == true
        ? [] : [FindingFactory.Info("no-new-privileges", "spec.dump: process.noNewPrivileges", "false", "setuid programs in it may gain what its bounding set has, as in every plain container")];
}
