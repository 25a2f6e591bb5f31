using Stasis.Cli.Output.HelpText;
using Stasis.Engine.Checkpoints.Preflight;

namespace Stasis.Cli.Output.Reports;

/// <summary>What <c>checkpoint --dry-run</c> prints for people.</summary>
internal static class PreflightReport
{
    private const int MaxShown = 50, Width = 80;

    /// <summary>The findings of a container for people: a paragraph for each, and a summary.</summary>
    public static string Text(string container, IReadOnlyList<PreflightFinding> findings)
    {
        List<PreflightFinding> shown = [.. findings.GroupBy(finding => finding.Severity).SelectMany(group => group.Take(MaxShown))];
        var lines = shown.SelectMany(Paragraph).ToList();
        if (findings.Count > shown.Count)
            lines.Add($"and {findings.Count - shown.Count} more, which --format json lists");
        var obstacles = findings.Count(finding => finding.IsObstacle);
        lines.Add(obstacles > 0
            ? $"{container}: a checkpoint would be refused, for {obstacles} reason{(obstacles == 1 ? "" : "s")}"
            : $"{container}: nothing stands in the way of a checkpoint");
        // Names and paths are the container's, and may contain control sequences for the terminal.
        return string.Concat(lines.Select(line => FailureReport.Printable(line) + "\n"));
    }

    private static IEnumerable<string> Paragraph(PreflightFinding finding) =>
        Block($"{Word(finding.Severity),-12}  ", finding.ToString()).Concat(
            finding.Remedy is { } remedy ? Block("        do:   ", remedy) : []);

    private static IEnumerable<string> Block(string lead, string text)
    {
        foreach (var line in Help.Wrap(text.Replace('\n', ' '), Width - lead.Length))
        {
            yield return lead + line;
            lead = new string(' ', lead.Length);
        }
    }

    /// <summary>The word for a severity.</summary>
    public static string Word(PreflightSeverity severity) => severity switch
    {
        PreflightSeverity.Refused => "refused",
        PreflightSeverity.NeedsOption => "needs-option",
        _ => "note",
    };
}
