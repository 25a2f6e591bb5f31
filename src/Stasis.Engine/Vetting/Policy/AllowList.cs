using System.Text.RegularExpressions;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting.Policy.Privileges;

namespace Stasis.Engine.Vetting.Policy;

/// <summary>
/// What is allowed: <c>RULE:VALUE</c> exactly as a finding names it, <c>RULE:BEGINNING*</c>, or <c>privileged</c>, which permits all that comes with it.
/// </summary>
internal sealed partial class AllowList
{
    // What --privileged brings along: everything that confines, and the devices.
    private static readonly string[] OfPrivileged = ["cap", "ambient-cap", "device", "device-node", "seccomp", "apparmor", "selinux", "unmasked-path", "writable-path"];
    private static readonly string[] MountsOfPrivileged = ["mount-option:/sys:rw", "mount-option:/sys/fs/cgroup:rw"];

    // The rules that a value can be allowed of, those of the image verifier at the end.
    private static readonly string[] Rules =
    [
        PrivilegedRule.Id, "ns", "mount", "mount-type", "mount-option", "rootfs-propagation", "device", "device-node", "cdi", "cap", "ambient-cap", "seccomp", "apparmor", "selinux",
        "unmasked-path", "writable-path", "sysctl", "resource", "cgroup", "rlimit", "oom-score", "idmap", "personality", "field", "annotation", "path", "volume", "secret", "network",
        "submount", "unmask", "image-firewall", "image-oom", "image-sched",
    ];

    private readonly HashSet<string> _exact = [];
    private readonly List<string> _beginnings = [];

    /// <exception cref="StasisException">One isn't of that form.</exception>
    public AllowList(IEnumerable<string> given, string from)
    {
        foreach (var text in given)
        {
            if (text is null || !Form().IsMatch(text))
                throw new StasisException($"{from}: \"{text}\" isn't RULE:VALUE, such as mount:/srv/data:ro, cap:NET_ADMIN or privileged") { Remedy = "a refused import names the values that would allow it" };
            if (text.Split(':')[0] is var rule && !Rules.Contains(rule))
                throw new StasisException($"{from}: \"{text}\": there is no rule {rule} that can be allowed") { Remedy = $"the rules are {string.Join(", ", Rules)}" };
            if (text.EndsWith('*'))
                _beginnings.AddRange(Meanings(text).Select(meaning => meaning[..^1]));
            else
                _exact.UnionWith(Meanings(text));
        }
    }

    /// <summary>Whether it permits this.</summary>
    public bool Permits(Finding finding) => finding.Allow is { } allow && (_exact.Contains(allow) || _beginnings.Exists(text => allow.StartsWith(text, StringComparison.Ordinal)) || (_exact.Contains(PrivilegedRule.Id) && IsOfPrivileged(finding)));

    /// <summary>Whether a privileged container has it as such.</summary>
    public static bool IsOfPrivileged(Finding finding) => OfPrivileged.Contains(finding.Rule) || MountsOfPrivileged.Contains(finding.Allow);

    // Who lets write lets read; without a word it is to be written to, as with -v. Capabilities have a prefix or not, as with --cap-add.
    private static string[] Meanings(string text)
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
