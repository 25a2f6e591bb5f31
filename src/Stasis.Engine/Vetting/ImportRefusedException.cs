using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting.Policy;

namespace Stasis.Engine.Vetting;

/// <summary>An archive asks for more than is allowed. Nothing was created.</summary>
public sealed class ImportRefusedException : StasisException
{
    private const int LongestValue = 200;

    internal ImportRefusedException(string archive, IReadOnlyList<Finding> findings) : base(BuildMessage(archive, Listed(findings)))
    {
        (Findings, Survived) = (findings, Survived.Everything);
        var flags = Listed(findings).Select(finding => finding.Allow).OfType<string>().Distinct().Select(allow => $"--allow {ShellQuoting.Quote(allow)}").ToList();
        Remedy = flags.Count == 0 ? "nothing allows it: restore it with the engine that made it, on a machine that may be lost"
            : $"if you trust it with that, restore it with{(Listed(findings).Any(finding => finding.Allow is null) ? " (but some of it nothing allows)" : "")}: {string.Join(' ', flags)}";
    }

    /// <summary>All that is refused.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    // What comes with a privileged container goes without saying.
    private static IEnumerable<Finding> Listed(IReadOnlyList<Finding> findings) => findings.Any(finding => finding.Rule == Stasis.Engine.Vetting.Policy.Privileges.PrivilegedRule.Id)
        ? findings.Where(finding => !AllowList.IsOfPrivileged(finding)) : findings;

    private static string BuildMessage(string archive, IEnumerable<Finding> findings)
    {
        var text = new StringBuilder($"archive {archive} asks for more than a plain container of its image, which is not allowed:");
        foreach (var finding in findings)
        {
            text.Append(CultureInfo, $"\n  {finding.Rule} {Shown(finding.Value)} ({Shown(finding.Where)}): {Shown(finding.Message)}");
            text.Append(CultureInfo, $"\n      {(finding.Allow is { } allow ? $"--allow {ShellQuoting.Quote(allow)}" : "nothing allows it")}");
        }
        return text.ToString();
    }

    // In one line: what comes out of an archive must not look like lines of ours.
    private static string Shown(string value)
    {
        var line = string.Concat(value.Select(c => char.IsControl(c) ? '?' : c));
        return line.Length <= LongestValue ? line : line[..LongestValue] + "…";
    }

    private static System.Globalization.CultureInfo CultureInfo => System.Globalization.CultureInfo.InvariantCulture;
}
