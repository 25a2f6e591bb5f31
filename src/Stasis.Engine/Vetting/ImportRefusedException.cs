using System.Globalization;
using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy.Privileges;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Vetting;

/// <summary>An archive asks for more than is allowed. Nothing was created, or what was created is removed again.</summary>
public sealed class ImportRefusedException : StasisException
{
    private const int MaxValueLength = 200, MaxShown = 50;

    internal ImportRefusedException(string archive, IReadOnlyList<Finding> findings) : base(BuildMessage(archive, Listed(findings)))
    {
        (Findings, Survived) = (findings, Survived.Everything);
        Remedy = BuildRemedy([.. Listed(findings)]);
    }

    /// <summary>Every finding that is refused.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    // --allow privileged allows what comes with a privileged container: listing it would only repeat that.
    private static IEnumerable<Finding> Listed(IReadOnlyList<Finding> findings) =>
        findings.Any(finding => finding.Rule == PrivilegedRule.Rule.Id)
            ? findings.Where(finding => !AllowList.ComesWithPrivileged(finding))
            : findings;

    private static string BuildMessage(string archive, IEnumerable<Finding> findings)
    {
        var text = new StringBuilder($"archive {archive} asks for more than a plain container of its image, which is not allowed:");
        var all = findings.ToList();
        foreach (var finding in all.Take(MaxShown))
        {
            var flag = finding.Allow is { } allow ? $"--allow {ShellQuoting.Quote(allow)}" : "nothing allows it";
            text.Append(
                CultureInfo.InvariantCulture, $"\n  {finding.Rule} {Show(finding.Value)} ({Show(finding.Where)}): {Show(finding.Message)}");
            text.Append(CultureInfo.InvariantCulture, $"\n      {flag}");
        }
        if (all.Count > MaxShown)
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n  and {all.Count - MaxShown} more, which archive verify --format json lists");
        return text.ToString();
    }

    private static string BuildRemedy(IReadOnlyList<Finding> findings)
    {
        var flags = findings
            .Select(finding => finding.Allow)
            .OfType<string>()
            .Distinct()
            .Select(allow => $"--allow {ShellQuoting.Quote(allow)}")
            .ToList();
        if (flags.Count == 0)
            return "nothing allows it: restore it with the engine that made it, on a machine that may be lost";
        var exception = findings.Any(finding => finding.Allow is null) ? " (but some of it nothing allows)" : "";
        if (flags.Count > MaxShown)
            return $"{flags.Count} values of --allow would allow it{exception}: archive verify --format json lists them";
        return $"if you trust it with that, restore it with{exception}: {string.Join(' ', flags)}";
    }

    // On one line: text from an archive must not look like further lines of this message.
    private static string Show(string value)
    {
        var line = TerminalText.Escape(value);
        return line.Length <= MaxValueLength ? line : line[..MaxValueLength] + "…";
    }
}
