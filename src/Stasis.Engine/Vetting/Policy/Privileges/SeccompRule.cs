using System.Text.Json;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>
/// Finds a seccomp filter that is missing, or that allows calls which the default filter for these
/// capabilities doesn't. Default profiles differ between versions, so what any of them allows is plain
/// (<see cref="DefaultSeccompCalls"/>). System calls that this host's profile doesn't know are warnings.
/// </summary>
internal static class SeccompRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "seccomp",
        Finds = "no filter; a default action that allows; listeners and flags; a system call that the default profile "
            + "doesn't allow for these capabilities, or allows under more conditions. Profiles of containers-common "
            + "0.50 to 0.64 are all plain; calls that this host's profile doesn't know are a warning",
        Allow = "`seccomp:unconfined`, `seccomp:bpf`",
        AllowedByPrivileged = [RuleDescriptor.Every],
    };

    private const string Field = "spec.dump: linux.seccomp";
    private static readonly string[] PlainFlags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG"];

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Linux.Seccomp is not { DefaultAction.Length: > 0 } filter)
            return [FindingFactory.Refused(Rule, Field, "unconfined", "no filter of system calls", "unconfined")];
        return Extras(filter).Concat(Compare(filter, subject));
    }

    private static IEnumerable<Finding> Extras(OciSeccomp filter)
    {
        foreach (var (name, value) in (filter.Unknown ?? new Dictionary<string, JsonElement>())
            .Where(field => !CanonicalJsonText.IsEmpty(field.Value)))
        {
            if (name == "flags" && value.ValueKind == JsonValueKind.Array
                && value.EnumerateArray().All(flag => flag.ValueKind == JsonValueKind.String && PlainFlags.Contains(flag.GetString())))
                continue;
            yield return FindingFactory.Refused(
                Rule,
                $"{Field}.{name}",
                CanonicalJsonText.Text(value),
                "a setting of the filter that a plain container doesn't have",
                $"{name}={CanonicalJsonText.Text(value)}");
        }
    }

    private static IEnumerable<Finding> Compare(OciSeccomp filter, VettingSubject subject)
    {
        if (Permits(filter.DefaultAction))
        {
            yield return FindingFactory.Refused(
                Rule,
                $"{Field}.defaultAction",
                filter.DefaultAction,
                "it lets pass every system call that it doesn't name",
                $"default={filter.DefaultAction}");
            yield break;
        }
        if (DefaultSeccompCalls.ForSubject(subject) is not { } reference)
        {
            yield return FindingFactory.Refused(
                Rule,
                Field,
                "not compared",
                "this host has no default seccomp profile to compare it with "
                    + "(install golang-github-containers-common, or containers-common)",
                "not-compared");
            yield break;
        }
        var beyond = (filter.Syscalls ?? [])
            .Where(rule => Permits(rule.Action))
            .SelectMany(rule => reference.FindBeyond(rule.Names, rule.Args))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        foreach (var name in beyond.Where(reference.Knows))
            yield return FindingFactory.Refused(
                Rule,
                $"{Field}.syscalls",
                name,
                $"it lets {name} pass, which the default filter doesn't",
                name);
        if (beyond.Where(name => !reference.Knows(name)).ToList() is { Count: > 0 } unknown)
            yield return FindingFactory.Warning(
                Rule,
                $"{Field}.syscalls",
                string.Join(',', unknown),
                "it lets pass system calls that this host's default profile doesn't know");
    }

    private static bool Permits(string action) => action is "SCMP_ACT_ALLOW" or "SCMP_ACT_LOG" or "SCMP_ACT_NOTIFY" or "SCMP_ACT_TRACE";
}

internal static partial class PrivilegeCheckList
{
    internal static readonly PolicyCheck Seccomp = Add(new(90, SeccompRule.Check, SeccompRule.Rule));
}
