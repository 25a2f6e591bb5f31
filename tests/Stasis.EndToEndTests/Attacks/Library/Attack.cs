namespace Stasis.EndToEndTests.Attacks;

/// <summary>A hostile archive: what it is aimed at, and how it is made from a real one.</summary>
internal sealed record Attack
{
    public required string Name { get; init; }

    public required AttackKind Kind { get; init; }

    /// <summary>What the attack would do to the host, or get from it.</summary>
    public required string Aim { get; init; }

    /// <summary>Changes a real archive.</summary>
    public required Action<HostileArchive> Make { get; init; }

    /// <summary>
    /// Whether the attack is one of those that the short form of the tests runs with defences switched off, and under other engines.
    /// </summary>
    public bool IsTypical { get; init; }

    /// <summary>
    /// Whether the jail alone lets the container see more than it should, such as a /proc without masks, which is no file of the host.
    /// The other defences refuse it.
    /// </summary>
    public bool IsSeenInJail { get; init; }

    /// <summary>Why what the container then has does no harm, if the archive may be restored; null if it may not have anything more.</summary>
    public string? Harmless { get; init; }

    public override string ToString() => $"{Kind} {Name}";
}
