using System.Text.RegularExpressions;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy.Privileges;

namespace Stasis.Engine.Vetting;

/// <summary>
/// Values that allow findings: <c>RULE:VALUE</c> exactly as a finding names it, <c>RULE:BEGINNING*</c>, or
/// <c>privileged</c>, which allows everything that comes with <c>--privileged</c>.
/// </summary>
internal sealed partial class AllowList
{
    private readonly HashSet<string> _exact = [];
    private readonly List<string> _beginnings = [];

    /// <param name="values">The values.</param>
    /// <param name="source">Where the values come from, for messages: an option or a file.</param>
    /// <exception cref="StasisException">A value isn't of the form, or names a rule that doesn't exist or can't be allowed.</exception>
    public AllowList(IEnumerable<string> values, string source)
    {
        foreach (var text in values)
        {
            Require(text, source);
            if (text.EndsWith('*'))
                _beginnings.AddRange(Expand(text).Select(value => value[..^1]));
            else
                _exact.UnionWith(Expand(text));
        }
    }

    /// <summary>Whether the list allows a finding.</summary>
    public bool Permits(Finding finding) => finding.Allow is { } allow
        && (_exact.Contains(allow)
            || _beginnings.Exists(text => allow.StartsWith(text, StringComparison.Ordinal))
            || (_exact.Contains(PrivilegedRule.Rule.Id) && ComesWithPrivileged(finding)));

    /// <summary>Whether <c>--allow privileged</c> allows a finding, too.</summary>
    public static bool ComesWithPrivileged(Finding finding) => RuleCatalog.Find(finding.Rule) is { } rule
        && (rule.AllowedByPrivileged.Contains(RuleDescriptor.Every)
            || rule.AllowedByPrivileged.Any(value => finding.Allow == $"{rule.AllowName}:{value}"));

    private static void Require(string? text, string source)
    {
        if (text is null || !Form().IsMatch(text))
        {
            throw new StasisException($"{source}: \"{text}\" isn't RULE:VALUE, such as mount:/srv/data:ro, cap:NET_ADMIN or privileged")
            {
                Remedy = "a refused import names the values that would allow it",
            };
        }
        var rule = text.Split(':')[0];
        if (!RuleCatalog.AllowNames.Contains(rule))
        {
            throw new StasisException($"{source}: \"{text}\": there is no rule {rule} that can be allowed")
            {
                Remedy = $"the rules are {string.Join(", ", RuleCatalog.AllowNames)}",
            };
        }
    }

    // Allowing to write allows to read. A mount without an access may be written to, as with -v. A capability
    // may have its prefix, as with --cap-add.
    private static string[] Expand(string text)
    {
        if (Capability().Match(text) is { Success: true } capability)
            return [text, $"{capability.Groups[1]}:{capability.Groups[2]}"];
        if (text.EndsWith('*') || !text.StartsWith("mount:", StringComparison.Ordinal) || text.EndsWith(":ro", StringComparison.Ordinal))
            return [text];
        var path = text.EndsWith(":rw", StringComparison.Ordinal) ? text[..^3] : text;
        return [$"{path}:ro", $"{path}:rw"];
    }

    [GeneratedRegex(@"\A(?:privileged|[a-z][a-z-]*:[\s\S]+)\z")]
    private static partial Regex Form();

    [GeneratedRegex(@"\A(cap|ambient-cap):CAP_([\s\S]+)\z")]
    private static partial Regex Capability();
}
