using System.Text.Json;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>
/// The calls that the default filter allows a container with certain capabilities, by this host's profile or
/// by that of another version.
/// </summary>
internal sealed class DefaultSeccompCalls
{
    // Calls that some profile of containers-common 0.50 to 0.64 allows and others don't, and the capability they need.
    private static readonly (string Name, string? Capability)[] OtherVersions =
    [
        ("fanotify_init", null), ("fchmodat2", null), ("futex_requeue", null), ("futex_wait", null),
        ("futex_waitv", null), ("futex_wake", null), ("riscv_flush_icache", null), ("swapcontext", null),
        ("readdir", null), ("sigaction", null), ("sigpending", null), ("sigsuspend", null), ("syscall", null),
        ("timerfd", null), ("bpf", "CAP_BPF"), ("perf_event_open", "CAP_PERFMON"), ("quotactl_fd", "CAP_SYS_ADMIN"),
        ("fanotify_init", "CAP_SYS_ADMIN"), ("socket", "CAP_AUDIT_WRITE"),
    ];

    // socket: all netlink (16) protocols except audit (9), whose messages the host's audit daemon would receive.
    private static readonly string[][] OtherSockets = [["0 SCMP_CMP_NE 16 0"], ["2 SCMP_CMP_NE 9 0"]];

    private const int Calls = 512; // more than there are system calls

    private readonly HashSet<string> _known = new(Calls);
    private readonly Dictionary<string, string[][]> _permitted = new(Calls);

    private DefaultSeccompCalls()
    {
    }

    /// <summary>Builds the reference for a subject's capabilities; null if the host has no profile.</summary>
    public static DefaultSeccompCalls? ForSubject(VettingSubject subject)
    {
        if (subject.Seccomp is not { } profile)
            return null;
        var capabilities = subject.Process.Capabilities?.Bounding ?? [];
        var reference = new DefaultSeccompCalls();
        foreach (var rule in profile.Syscalls ?? [])
        {
            reference._known.UnionWith(rule.Names ?? []);
            if (rule.Name is { Length: > 0 } name)
                reference._known.Add(name);
        }
        var filter = SeccompFilterBuilder.Translate(profile, "", capabilities, subject.Host);
        foreach (var rule in (filter?.Syscalls ?? []).Where(rule => rule.Action == "SCMP_ACT_ALLOW"))
        {
            var conditions = Conditions(rule.Args)!;
            foreach (var name in rule.Names)
                reference.Permit(name, conditions);
        }
        foreach (var (name, capability) in OtherVersions.Where(
            other => other.Capability is null || capabilities.Contains(other.Capability)))
            reference.Permit(name, []);
        foreach (var socket in OtherSockets)
            reference.Permit("socket", socket);
        return reference;
    }

    /// <summary>Whether this host's profile names a system call, with any action.</summary>
    public bool Knows(string name) => _known.Contains(name);

    /// <summary>
    /// The system calls of a list that the default filter doesn't allow under these conditions: they don't include all conditions of any
    /// of its rules.
    /// </summary>
    public IEnumerable<string> FindBeyond(IReadOnlyList<string> names, JsonElement? arguments)
    {
        var conditions = Conditions(arguments)?.ToHashSet();
        return names.Where(name => conditions is null || !_permitted.TryGetValue(name, out var rules)
            || !rules.Any(rule => rule.All(conditions.Contains)));
    }

    private void Permit(string name, string[] conditions) => _permitted[name] = [.. _permitted.GetValueOrDefault(name) ?? [], conditions];

    // Conditions in a form that can be compared. Null if one is malformed: then nothing is known of them.
    private static string[]? Conditions(JsonElement? arguments)
    {
        if (arguments is not { } list || CanonicalJsonText.IsEmpty(list))
            return [];
        if (list.ValueKind != JsonValueKind.Array)
            return null;
        var conditions = new List<string>();
        foreach (var condition in list.EnumerateArray())
        {
            if (condition.ValueKind != JsonValueKind.Object
                || condition.EnumerateObject().Any(field => field.Name is not ("index" or "value" or "valueTwo" or "op")))
                return null;
            conditions.Add($"{Text(condition, "index")} {Text(condition, "op")} {Text(condition, "value")} {Text(condition, "valueTwo")}");
        }
        // Two conditions on one argument are alternatives: libseccomp makes two rules of them (runc: libcontainer/seccomp, matchCall).
        return conditions.Select(condition => condition.Split(' ')[0]).Distinct().Count() == conditions.Count ? [.. conditions] : null;
    }

    private static string Text(JsonElement condition, string field) =>
        condition.TryGetProperty(field, out var value) ? CanonicalJsonText.Bare(value) : "0";
}
