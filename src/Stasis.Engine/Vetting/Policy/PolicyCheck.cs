using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy;

/// <summary>A check of the import policy, and the rules whose findings it makes.</summary>
/// <param name="Order">Findings are listed in ascending order of their checks.</param>
/// <param name="Run">Finds what the subject asks for beyond a plain container.</param>
/// <param name="Rules">The rules that <paramref name="Run"/> reports.</param>
internal sealed record PolicyCheck(int Order, Func<VettingSubject, IEnumerable<Finding>> Run, params IReadOnlyList<RuleDescriptor> Rules)
{
    /// <summary>Adds a check to a folder's list, and creates the list for the first one.</summary>
    public static PolicyCheck AddTo(ref List<PolicyCheck>? list, PolicyCheck check)
    {
        (list ??= []).Add(check);
        return check;
    }
}
