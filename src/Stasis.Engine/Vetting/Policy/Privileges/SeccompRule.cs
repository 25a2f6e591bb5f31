using System.Text.Json;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>
/// A seccomp filter that is missing, or that lets pass what the default one for these capabilities doesn't. Default profiles of different ages
/// differ, so what any of them lets pass is plain (<see cref="SeccompReference"/>); system calls that this host's profile doesn't know are told, and no more.
/// </summary>
internal static class SeccompRule
{
    private const string Id = "seccomp";
    private const string Field = "spec.dump: linux.seccomp";
    private static readonly string[] PlainFlags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG"];

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Linux.Seccomp is not { DefaultAction.Length: > 0 } filter)
            return [FindingFactory.Refused(Id, Field, "unconfined", "no filter of system calls", "unconfined")];
        return Extras(filter).Concat(Compare(filter, subject));
    }

    private static IEnumerable<Finding> Extras(OciSeccomp filter)
    {
        foreach (var (name, value) in (filter.Unknown ?? new Dictionary<string, JsonElement>()).Where(field => !CanonicalJson.IsEmpty(field.Value)))
        {
            if (name == "flags" && value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(flag => flag.ValueKind == JsonValueKind.String && PlainFlags.Contains(flag.GetString())))
                continue;
            yield return FindingFactory.Refused(Id, $"{Field}.{name}", CanonicalJson.Text(value), "a setting of the filter that a plain container doesn't have", $"{name}={CanonicalJson.Text(value)}");
        }
    }

    private static IEnumerable<Finding> Compare(OciSeccomp filter, VettingSubject subject)
    {
        if (Permits(filter.DefaultAction))
        {
            yield return FindingFactory.Refused(Id, $"{Field}.defaultAction", filter.DefaultAction, "it lets pass every system call that it doesn't name", $"default={filter.DefaultAction}");
            yield break;
        }
        if (SeccompReference.ForSubject(subject) is not { } reference)
        {
            yield return FindingFactory.Refused(Id, Field, "not compared", "this host has no default seccomp profile to compare it with (install golang-github-containers-common, or containers-common)", "not-compared");
            yield break;
        }
        var beyond = (filter.Syscalls ?? []).Where(rule => Permits(rule.Action))
            .SelectMany(rule => rule.Names.Where(name => !reference.Permits(name, rule.Args))).Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var name in beyond.Where(reference.Knows))
            yield return FindingFactory.Refused(Id, $"{Field}.syscalls", name, $"it lets {name} pass, which the default filter doesn't", name);
        if (beyond.Where(name => !reference.Knows(name)).ToList() is { Count: > 0 } unknown)
            yield return FindingFactory.Warning(Id, $"{Field}.syscalls", string.Join(',', unknown), "it lets pass system calls that this host's default profile doesn't know");
    }

    private static bool Permits(string action) => action is "SCMP_ACT_ALLOW" or "SCMP_ACT_LOG" or "SCMP_ACT_NOTIFY" or "SCMP_ACT_TRACE";
}
