using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.Privileges;

/// <summary>
/// Finds namespaces that the container shares with the host, or joins. A plain container has its own
/// namespace of each type; a cgroup namespace only where the host has cgroup v2 alone. The path of a network
/// namespace is never the archive's (<see cref="RestoredContainerConfig"/>).
/// </summary>
internal static class NamespaceRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "ns",
        Finds = "a missing pid, network, ipc, uts or mount namespace, which means the host's; a namespace joined by "
            + "its path, or another container's. A missing cgroup namespace, on a host with cgroup v2 alone: a "
            + "warning",
        Allow = "`ns:pid=host`, `ns:ipc=/proc/1/ns/ipc`; nothing for network namespaces, other containers' and "
            + "unknown ones",
    };

    private const string Field = "spec.dump: linux.namespaces";
    private static readonly string[] Own = ["pid", "network", "ipc", "uts", "mount"];
    private static readonly string[] Known = [.. Own, "cgroup", "user", "time"];
    private static readonly string[] OfContainers =
    [
        "ipcNsCtr", "mountNsCtr", "netNsCtr", "pidNsCtr", "userNsCtr", "utsNsCtr", "cgroupNsCtr",
    ];

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var namespaces = subject.Linux.Namespaces ?? [];
        foreach (var type in Own.Where(type => namespaces.All(space => space.Type != type)))
            yield return FindingFactory.Refused(
                Rule,
                Field,
                $"no {type} namespace",
                $"it shares the host's {type} namespace",
                $"{type}=host");
        if (subject.Host.Cgroups.IsUnified && namespaces.All(space => space.Type != "cgroup"))
            yield return FindingFactory.Warning(Rule, Field, "no cgroup namespace", "it sees the host's cgroups");
        foreach (var (space, index) in namespaces.Select((space, index) => (space, index)))
        {
            var where = $"{Field}[{index}]";
            if (!Known.Contains(space.Type))
                yield return FindingFactory.Never(Rule, where, space.Type, "a namespace that isn't known");
            else if (namespaces.Take(index).Any(earlier => earlier.Type == space.Type))
                yield return FindingFactory.Never(Rule, where, space.Type, "a namespace that is there twice");
            else if (space.Path is { Length: > 0 } path && !(space.Type == "network" && subject.Config.CreateNetNs))
                yield return Joined(where, space.Type, path);
        }
        foreach (var (key, value) in (subject.Config.Unknown ?? new Dictionary<string, System.Text.Json.JsonElement>())
            .Where(field => OfContainers.Contains(field.Key) && !CanonicalJsonText.IsEmpty(field.Value)))
            yield return FindingFactory.Never(
                Rule,
                $"config.dump: {key}",
                CanonicalJsonText.Bare(value),
                "it shares a namespace of another container");
    }

    private static Finding Joined(string where, string type, string path) => type == "network"
        ? FindingFactory.Never(Rule, where, path, "it joins an existing network namespace of another host")
        : FindingFactory.Refused(Rule, where, path, $"it joins an existing {type} namespace", $"{type}={path}");
}

internal static partial class PrivilegeCheckList
{
    internal static readonly PolicyCheck Namespace = Add(new(30, NamespaceRule.Check, NamespaceRule.Rule));
}
