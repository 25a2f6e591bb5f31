namespace Stasis.Bench;

/// <summary>One measured thing: each tool's figures, milliseconds if its name says nothing else.</summary>
/// <param name="what">What was measured.</param>
/// <param name="peer">The tool that Stasis is compared with, or null where there is none.</param>
internal sealed class Samples(string what, string? peer = "podman")
{
    public string What { get; } = what;

    public string? Peer { get; } = peer;

    public SortedDictionary<string, List<double>> Times { get; } = new(StringComparer.Ordinal);

    /// <summary>The median of Stasis as a part of the peer's.</summary>
    public double? Ratio => Peer is null ? null : Median(Times["stasis"]) / Median(Times[Peer]);

    public void Add(string tool, double figure)
    {
        if (!Times.TryGetValue(tool, out var times))
            Times.Add(tool, times = []);
        times.Add(figure);
    }

    /// <summary>Forgets the first figure of each tool, which warmed caches.</summary>
    public void DropWarmUp()
    {
        foreach (var times in Times.Values)
            times.RemoveAt(0);
    }

    public static double Median(IEnumerable<double> times)
    {
        var sorted = times.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
