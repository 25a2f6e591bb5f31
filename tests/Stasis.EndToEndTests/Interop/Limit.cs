namespace Stasis.EndToEndTests.Interop;

/// <summary>
/// Something that Podman or CRIU loses on the way, so that a cell passes without it, or not at all. The workload's check sees that it is
/// lost, and nothing else.
/// </summary>
/// <param name="Direction">Where.</param>
/// <param name="What">For docs/interop.md: what is lost, and why.</param>
/// <param name="Entries">Of a tree: the entries that come through otherwise than they were, or not at all.</param>
public sealed record Limit(Direction Direction, string What, params string[] Entries)
{
    /// <summary>Nothing of what the workload is about comes through.</summary>
    public bool IsAll { get; init; }
}
