using Stasis.Engine.Vetting.Findings;

namespace Stasis.Cli.Output.Reports;

/// <summary>What <c>archive verify</c> prints.</summary>
/// <param name="Archive">Path of the archive, as it was given.</param>
/// <param name="Findings">All findings, the refused ones first.</param>
internal sealed record VerifyReport(string Archive, IReadOnlyList<VerifyReport.Found> Findings)
{
    private const int MaxShown = 50;

    /// <summary>A finding. <c>Severity</c> is refused, allowed, warning or info.</summary>
    internal sealed record Found(string Rule, string Severity, string Where, string Value, string Message, string? Allow);

    public static VerifyReport FromFindings(string archive, IReadOnlyList<Finding> findings) => new(archive, [.. findings
        .OrderByDescending(finding => finding.Severity)
        .Select(
            finding => new Found(
                finding.Rule,
                finding.Severity.ToString().ToLowerInvariant(),
                finding.Where,
                finding.Value,
                finding.Message,
                finding.Allow))]);

    /// <summary>The report for people: a line for each finding, and a summary.</summary>
    public string Text()
    {
        // --allow stands on a line of its own, quoted: text from the archive can neither be run by a shell that it is pasted into, nor look
        // like an --allow.
        // Of each severity some: what is said of the archive as a whole comes last.
        List<Found> shown = [.. Findings.GroupBy(found => found.Severity).SelectMany(group => group.Take(MaxShown))];
        var lines = shown.SelectMany(found => (string[])[
            $"{found.Severity,-7}  {found.Rule}: {found.Where}: {found.Value}: {found.Message}",
            .. found.Allow is { } allow ? [$"         --allow {ShellQuoting.Quote(allow)}"] : Array.Empty<string>()]);
        var refused = Findings.Count(found => found.Severity == "refused");
        var summary = refused > 0
            ? $"{Archive}: a restore would refuse it, for {refused} reason{(refused == 1 ? "" : "s")}"
            : $"{Archive}: nothing that a restore would refuse";
        if (Findings.Count > shown.Count)
            lines = lines.Append($"and {Findings.Count - shown.Count} more, which --format json lists");
        // Text from the archive may contain control sequences for the terminal.
        return string.Concat(lines.Append(summary).Select(line => FailureReport.Printable(line.Replace('\n', ' ')) + "\n"));
    }
}
