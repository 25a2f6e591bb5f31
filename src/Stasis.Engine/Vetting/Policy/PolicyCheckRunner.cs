using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy.Limits;
using Stasis.Engine.Vetting.Policy.Mounts;
using Stasis.Engine.Vetting.Policy.Privileges;
using Stasis.Engine.Vetting.Policy.References;

namespace Stasis.Engine.Vetting.Policy;

/// <summary>The import policy's rules, from the lists of the folders beneath.</summary>
internal static class PolicyCheckRunner
{
    /// <summary>All checks, in the order in which findings are listed.</summary>
    public static IReadOnlyList<PolicyCheck> Checks { get; } =
    [
        .. ((PolicyCheck[])[.. PrivilegeCheckList.Checks, .. MountCheckList.Checks, .. LimitCheckList.Checks, .. ReferenceCheckList.Checks])
            .OrderBy(check => check.Order),
    ];

    /// <summary>Finds all that a subject asks for beyond a plain container, allowed or not.</summary>
    public static IReadOnlyList<Finding> Check(VettingSubject subject) => [.. Checks.SelectMany(check => check.Run(subject))];
}
