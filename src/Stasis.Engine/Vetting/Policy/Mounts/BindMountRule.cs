using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Mounts;

/// <summary>
/// Finds files and folders of the host that are bound into the container. The files that the engine provides,
/// /dev/shm and named volumes are plain: their source is never the archive's (<see cref="RestoredMountSources"/>).
/// </summary>
internal static class BindMountRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "mount",
        Finds = "every bind mount, also one under another name (`rbind` among a tmpfs' options), except what the "
            + "engines bind into every container: `/etc/hosts`, `/etc/hostname`, `/etc/resolv.conf`, "
            + "`/run/.containerenv`, `/dev/shm`, `--init`'s program, named volumes. The sources of those are this "
            + "host's own, whatever the archive says",
        Allow = "`mount:/srv/data:ro`; nothing for paths that are relative or contain `..`",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        foreach (var (mount, index) in (subject.Spec.Mounts ?? []).Select((mount, index) => (mount, index)))
        {
            var where = $"spec.dump: mounts[{index}]";
            if (!IsClean(mount.Destination))
                yield return FindingFactory.Never(
                    Rule,
                    where,
                    mount.Destination,
                    "a mount whose place is no absolute path without . and ..");
            if (!RestoredMountSources.IsBind(mount) || RestoredMountSources.IsEngineMount(mount, subject.Config))
                continue;
            var access = mount.IsReadOnly ? "ro" : "rw";
            var value = $"{mount.Source}:{mount.Destination}:{access}";
            yield return mount.Source is { } source && IsClean(source)
                ? FindingFactory.Refused(
                    Rule,
                    where,
                    value,
                    $"{source} of this host at {mount.Destination}, {(access == "ro" ? "to read" : "to read and write")}",
                    $"{source}:{access}")
                : FindingFactory.Never(Rule, where, value, "a bind whose source is no absolute path without . and ..");
        }
    }

    private static bool IsClean(string path) => path.StartsWith('/') && !path.Contains('\0', StringComparison.Ordinal)
        && (path == "/" || path.Split('/')[1..].All(part => part is not ("" or "." or "..")));
}

internal static partial class MountCheckList
{
    internal static readonly PolicyCheck Mount = Add(new(40, BindMountRule.Check, BindMountRule.Rule));
}
