using System.Text.Json;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.Limits;

/// <summary>
/// Finds cgroup settings that give the container more than others: weights above the kernel's default, real
/// time, no OOM killer, more tasks than Podman's default, raw settings of cgroup v2. Mere limits are plain.
/// </summary>
internal static class ResourceRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "resource",
        Finds = "more than 2048 tasks, or no limit where the host has one; weights above the kernel's default, real "
            + "time, no OOM killer, raw cgroup v2 settings, anything unknown. Mere limits (memory, CPU, huge pages, "
            + "throttles) are plain",
        Allow = "`resource:pids.limit=none`, `resource:unified.memory.min=1`",
    };

    private const long DefaultTasks = 2048; // containers.conf: pids_limit
    private const long DefaultShares = 1024; // kernel: cpu.shares
    private const long DefaultWeight = 100; // kernel: io.bfq.weight

    private static readonly string[] Bounds =
    [
        "memory.limit", "memory.swap", "memory.reservation", "cpu.quota", "cpu.period", "cpu.burst", "cpu.idle",
        "cpu.cpus", "cpu.mems", "hugepageLimits", "blockIO.throttleReadBpsDevice", "blockIO.throttleWriteBpsDevice",
        "blockIO.throttleReadIOPSDevice", "blockIO.throttleWriteIOPSDevice",
    ];

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var resources = subject.Linux.Resources ?? new();
        var whole = JsonSerializer.SerializeToElement(resources with { Devices = null }, EngineJson.Default.OciResources);
        foreach (var (path, value) in Leaves("", whole).Where(leaf => !IsPlain(leaf.Path, leaf.Value)))
        {
            var exact = $"{path}={CanonicalJsonText.Bare(value)}";
            yield return FindingFactory.Refused(
                Rule,
                $"spec.dump: linux.resources.{path}",
                exact,
                "a cgroup setting beyond a plain container's",
                exact);
        }
        if (resources.Pids is null && subject.Host.Cgroups.Controllers.Contains("pids"))
            yield return FindingFactory.Refused(
                Rule,
                "spec.dump: linux.resources.pids",
                "none",
                $"no limit on the number of its tasks, which is {DefaultTasks} by default",
                "pids.limit=none");
    }

    private static IEnumerable<(string Path, JsonElement Value)> Leaves(string path, JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
            ? element.EnumerateObject().SelectMany(field => Leaves(path.Length == 0 ? field.Name : $"{path}.{field.Name}", field.Value))
            : CanonicalJsonText.IsEmpty(element) ? [] : [(path, element)];

    private static bool IsPlain(string path, JsonElement value) => Bounds.Contains(path) || path switch
    {
        "pids.limit" => IsBetween(value, 1, DefaultTasks),
        "cpu.shares" => IsBetween(value, 0, DefaultShares),
        "blockIO.weight" or "blockIO.leafWeight" => IsBetween(value, 0, DefaultWeight),
        "memory.useHierarchy" => value.ValueKind == JsonValueKind.True, // the kernel's only way since 5.11
        "memory.disableOOMKiller" or "memory.checkBeforeUpdate" => value.ValueKind == JsonValueKind.False,
        _ => false,
    };

    private static bool IsBetween(JsonElement value, long least, long most) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most;
}

internal static partial class LimitCheckList
{
    internal static readonly PolicyCheck Resource = Add(new(140, ResourceRule.Check, ResourceRule.Rule));
}
