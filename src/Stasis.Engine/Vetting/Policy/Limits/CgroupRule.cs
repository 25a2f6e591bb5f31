using System.Text.Json;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Model;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Limits;

/// <summary>
/// Finds a cgroup parent other than the engines' usual ones. The parent is never used: a restored container's
/// cgroup is always beneath <see cref="RestoredContainerConfig.CgroupParent"/>.
/// </summary>
internal static class CgroupRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "cgroup",
        Finds = "a cgroup parent of the archive's choice, which is never used: the cgroup is `/stasis/ID`",
        Allow = "`cgroup:/foo`",
    };

    private static readonly string[] Usual =
    [
        "", "/libpod_parent", "libpod_parent", "machine.slice", "user.slice", RestoredContainerConfig.CgroupParent,
    ];

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Config.CgroupParent is { } parent && !Usual.Contains(parent))
            yield return FindingFactory.Refused(
                Rule,
                "config.dump: cgroupParent",
                parent,
                "a cgroup parent of its own; it isn't used, even if it is allowed",
                parent);
        if (subject.Linux.CgroupsPath is { Length: > 0 } path && !IsUsual(path, subject.Config))
            yield return FindingFactory.Refused(
                Rule,
                "spec.dump: linux.cgroupsPath",
                path,
                "a cgroup other than the parent's, by its ID; it isn't used, even if it is allowed",
                path);
        if (subject.Config.Unknown?.TryGetValue("cgroupsMode", out var mode) == true
            && mode.ValueKind == JsonValueKind.String
            && mode.GetString() is not ("" or "enabled" or "no-conmon"))
            yield return FindingFactory.Refused(
                Rule,
                "config.dump: cgroupsMode",
                mode.GetString()!,
                "it was made without a cgroup of its own; it gets one here, even if this is allowed",
                $"mode={mode.GetString()}");
    }

    // The parent is judged by itself. With systemd's cgroup manager, the path is PARENT:PREFIX:ID; Podman's prefix is libpod.
    private static bool IsUsual(string path, ContainerConfig config)
    {
        var parents = Usual.Append(config.CgroupParent ?? "").Select(parent => parent.Trim('/')).Distinct();
        return parents.Any(parent => path.Trim('/') == $"{parent}/{config.Id}".Trim('/')
            || path.Trim('/') == $"{parent}/libpod-{config.Id}".Trim('/')
            || path == $"{parent}:libpod:{config.Id}");
    }
}

internal static partial class LimitCheckList
{
    internal static readonly PolicyCheck Cgroup = Add(new(150, CgroupRule.Check, CgroupRule.Rule));
}
