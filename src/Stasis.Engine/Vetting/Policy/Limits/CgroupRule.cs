using System.Text.Json;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Limits;

/// <summary>Another parent of its cgroup than the engines' usual ones. It is never used: a restored container's cgroup is always beneath <see cref="RestoredIdentity.CgroupParent"/>.</summary>
internal static class CgroupRule
{
    private const string Id = "cgroup";
    private static readonly string[] Usual = ["", "/libpod_parent", "libpod_parent", "machine.slice", "user.slice", RestoredIdentity.CgroupParent];

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Config.CgroupParent is { } parent && !Usual.Contains(parent))
            yield return FindingFactory.Refused(Id, "config.dump: cgroupParent", parent, "a cgroup parent of its own; it isn't used, even if it is allowed", parent);
        // CGROUP of systemd's manager is PARENT:PREFIX:ID.
        if (subject.Linux.CgroupsPath is { Length: > 0 } path && !path.EndsWith(subject.Config.Id, StringComparison.Ordinal))
            yield return FindingFactory.Refused(Id, "spec.dump: linux.cgroupsPath", path, "a cgroup that isn't named by its ID; it isn't used, even if it is allowed", path);
        if (subject.Config.Unknown?.TryGetValue("cgroupsMode", out var mode) == true && mode.ValueKind == JsonValueKind.String && mode.GetString() is not ("" or "enabled" or "no-conmon"))
            yield return FindingFactory.Refused(Id, "config.dump: cgroupsMode", mode.GetString()!, "it was made without a cgroup of its own; it gets one here, even if this is allowed", $"mode={mode.GetString()}");
    }
}
