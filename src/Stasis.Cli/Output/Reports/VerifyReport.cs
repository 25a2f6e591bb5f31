using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Policy;

namespace Stasis.Cli.Output.Reports;

/// <summary>What <c>archive verify</c> prints.</summary>
/// <param name="Archive">Its path, as it was given.</param>
/// <param name="Findings">All that was found, what would be refused first.</param>
internal sealed record VerifyReport(string Archive, IReadOnlyList<VerifyReport.Found> Findings)
{
    /// <summary>One finding. Severity is refused, allowed, warning or info.</summary>
    internal sealed record Found(string Rule, string Severity, string Where, string Value, string Message, string? Allow);

    public static VerifyReport FromFindings(string archive, IReadOnlyList<Finding> findings) => new(archive, [.. findings
        .OrderByDescending(finding => finding.Severity)
        .Select(finding => new Found(finding.Rule, finding.Severity.ToString().ToLowerInvariant(), finding.Where, finding.Value, finding.Message, finding.Allow))]);

    /// <summary>For people: a line for each, and one for all.</summary>
    public string Text()
    {
        // On a line of its own, as one word of a shell: what a stranger wrote is neither run nor taken for it.
        var lines = Findings.SelectMany(found => (string[])[
            $"{found.Severity,-7}  {found.Rule}: {found.Where}: {found.Value}: {found.Message}",
            .. found.Allow is { } allow ? [$"         --allow {ShellQuoting.Quote(allow)}"] : Array.Empty<string>()]);
        var refused = Findings.Count(found => found.Severity == "refused");
        var all = refused > 0 ? $"{Archive}: a restore would refuse it, for {refused} reason{(refused == 1 ? "" : "s")}" : $"{Archive}: nothing that a restore would refuse";
        // What stands in an archive isn't for the terminal to obey.
        return string.Concat(lines.Append(all).Select(line => FailureReport.Printable(line.Replace('\n', ' ')) + "\n"));
    }
}
