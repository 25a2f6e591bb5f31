namespace Stasis.Bench;

/// <summary>One measured thing: each tool's times in milliseconds.</summary>
internal sealed class Samples(string what)
{
    public string What { get; } = what;

    public SortedDictionary<string, List<double>> Times { get; } = new(StringComparer.Ordinal);

    public void Add(Tool tool, Command command)
    {
        if (!Times.TryGetValue(tool.Name, out var times))
            Times.Add(tool.Name, times = []);
        times.Add(command.Milliseconds);
    }

    /// <summary>Forgets the first time of each tool, which warmed caches.</summary>
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
