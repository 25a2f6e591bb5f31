using System.Text.RegularExpressions;
using Stasis.Engine.Checkpoints.ImportPolicy.Rules;

namespace Stasis.Engine.Checkpoints.ImportPolicy;

/// <summary>
/// What is allowed: <c>RULE:VALUE</c> exactly as a finding names it, <c>RULE:BEGINNING*</c>, or <c>privileged</c>, which permits all that comes with it.
/// </summary>
internal sealed partial class AllowList
{
    // What --privileged brings along: everything that confines, and the devices.
    private static readonly string[] OfPrivileged = ["cap", "ambient-cap", "device", "device-node", "seccomp", "apparmor", "selinux", "unmasked-path", "writable-path"];
    private static readonly string[] MountsOfPrivileged = ["mount-option:/sys:rw", "mount-option:/sys/fs/cgroup:rw"];

    private readonly HashSet<string> _exact = [];
    private readonly List<string> _beginnings = [];

    /// <exception cref="StasisException">One isn't of that form.</exception>
    public AllowList(IEnumerable<string> given, string from)
    {
        foreach (var text in given)
        {
            if (text is null || !Form().IsMatch(text))
                throw new StasisException($"{from}: \"{text}\" isn't RULE:VALUE, such as mount:/srv/data:ro, cap:NET_ADMIN or privileged") { Remedy = "a refused import names the values that would allow it" };
            if (text.EndsWith('*'))
                _beginnings.Add(text[..^1]);
            else
                _exact.UnionWith(Meanings(text));
        }
    }

    /// <summary>Whether it permits this.</summary>
    public bool Permits(Finding finding) => finding.Allow is { } allow && (_exact.Contains(allow) || _beginnings.Exists(text => allow.StartsWith(text, StringComparison.Ordinal)) || (_exact.Contains(PrivilegedRule.Id) && IsOfPrivileged(finding)));

    /// <summary>Whether a privileged container has it as such.</summary>
    public static bool IsOfPrivileged(Finding finding) => OfPrivileged.Contains(finding.Rule) || MountsOfPrivileged.Contains(finding.Allow);

    // Who lets write lets read; without a word it is to be written to, as with -v.
    private static string[] Meanings(string text)
    {
        if (!text.StartsWith("mount:", StringComparison.Ordinal) || text.EndsWith(":ro", StringComparison.Ordinal))
            return [text];
        var path = text.EndsWith(":rw", StringComparison.Ordinal) ? text[..^3] : text;
        return [$"{path}:ro", $"{path}:rw"];
    }

    [GeneratedRegex(@"\A(?:privileged|[a-z][a-z-]*:[\s\S]+)\z")]
    private static partial Regex Form();
}
