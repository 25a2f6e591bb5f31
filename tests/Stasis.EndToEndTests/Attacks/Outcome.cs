namespace Stasis.EndToEndTests.Attacks;

/// <summary>What came of an attack.</summary>
internal sealed record Outcome
{
    public required Attack Attack { get; init; }

    /// <summary>The restore's exit code.</summary>
    public required int ExitCode { get; init; }

    /// <summary>What the restore said on standard error.</summary>
    public required string Message { get; init; }

    /// <summary>What the restore cost; null if it wasn't measured.</summary>
    public Cost? Cost { get; init; }

    /// <summary>Whether the archive was restored.</summary>
    public bool IsRestored => ExitCode == 0;

    /// <summary>What has changed on the host: while the container ran, or after it was removed.</summary>
    public required IReadOnlyList<string> OnHost { get; init; }

    /// <summary>How the container differed from that of the archive that the attack was made from.</summary>
    public required IReadOnlyList<string> InContainer { get; init; }

    /// <summary>The outcome on a few lines.</summary>
    public override string ToString() =>
        $"{Attack}: exit code {ExitCode}{(Cost is null ? "" : $" ({Cost})")}: {Shorten(Message)}"
            + string.Concat(Lines("on the host", OnHost)) + string.Concat(Lines("in the container", InContainer));

    private static IEnumerable<string> Lines(string where, IReadOnlyList<string> lines)
    {
        const int Most = 12;
        return lines.Take(Most).Select(line => $"\n    {where}: {line}")
            .Concat(lines.Count > Most ? [$"\n    {where}: and {lines.Count - Most} more"] : []);
    }

    private static string Shorten(string text)
    {
        const int Longest = 400;
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var line = string.Join(" | ", lines.Where(line => !line.StartsWith("Warning: ", StringComparison.Ordinal)));
        return line.Length <= Longest ? line : line[..Longest] + "…";
    }
}
