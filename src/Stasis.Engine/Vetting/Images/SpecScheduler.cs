using System.Text.Json;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Images;

/// <summary>The spec's process.scheduler.</summary>
/// <param name="Policy">SCHED_…; 0 (SCHED_OTHER) if the spec has none, or one that isn't known.</param>
/// <param name="Priority">The priority among real-time processes; 0 if there is none.</param>
/// <param name="Nice">The nice value, from -20 to 19.</param>
internal readonly record struct SpecScheduler(uint Policy, long Priority, long Nice)
{
    // runtime-spec config.md, linux/sched.h
    private static readonly Dictionary<string, uint> Policies = new()
    {
        ["SCHED_FIFO"] = 1,
        ["SCHED_RR"] = 2,
        ["SCHED_BATCH"] = 3,
        ["SCHED_IDLE"] = 5,
        ["SCHED_DEADLINE"] = 6,
    };

    public static SpecScheduler FromSpec(OciSpec spec)
    {
        if (spec.Process?.Unknown?.TryGetValue("scheduler", out var scheduler) != true || scheduler.ValueKind != JsonValueKind.Object)
            return default;
        var policy = SpecJson.Text(scheduler, "policy") is { } name && Policies.TryGetValue(name, out var found) ? found : 0;
        return new SpecScheduler(policy, Signed(scheduler, "priority"), Signed(scheduler, "nice"));
    }

    private static long Signed(JsonElement scheduler, string field) =>
        scheduler.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number : 0;
}
