namespace Stasis.EndToEndTests.Interop;

/// <summary>Who freezes, and who brings back.</summary>
public enum Direction
{
    PodmanToStasis,
    StasisToPodman,
    StasisToStasis,
}

/// <summary>One way from a running container to a restored one.</summary>
public sealed record Cell(Direction Direction, string Compression, string Runtime)
{
    public static IReadOnlyList<string> Compressions { get; } = ["zstd", "gzip", "none"];

    public static IReadOnlyList<string> Runtimes { get; } = ["runc", "crun"];

    /// <summary>Every one there is.</summary>
    public static IEnumerable<Cell> All =>
        from direction in Enum.GetValues<Direction>()
        from runtime in Runtimes
        from compression in Compressions
        select new Cell(direction, compression, runtime);
}
