namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Rules about what an archive names outside itself: images, networks, secrets, programs, settings of the
/// runtime. Each rule's file adds its check here, in a part of this class, so that a new rule is a new file
/// and nothing else.
/// </summary>
internal static partial class ReferenceCheckList
{
    // Without an initializer: the parts' fields are initialized in no given order, and each may be the first to add a check.
    private static List<PolicyCheck>? _checks;

    /// <summary>The checks, in no order.</summary>
    public static IReadOnlyList<PolicyCheck> Checks => _checks ?? [];

    private static PolicyCheck Add(PolicyCheck check) => PolicyCheck.AddTo(ref _checks, check);
}
