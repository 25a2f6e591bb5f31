namespace Stasis.EndToEndTests.Attacks;

/// <summary>All attacks.</summary>
internal static class AttackCatalog
{
    public static IReadOnlyList<Attack> All { get; } =
    [
        .. MountAttacks.All, .. MountFlagAttacks.All, .. GhostAttacks.All, .. ProcFileAttacks.All, .. CgroupAttacks.All,
        .. ConfigValueAttacks.All, .. BombAttacks.All,
    ];

    /// <summary>The attacks of a kind.</summary>
    public static IEnumerable<Attack> OfKind(AttackKind kind) => All.Where(attack => attack.Kind == kind);
}
