using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Mounts;

/// <summary>
/// Files and folders of the host that are bound into it. Not the files that the engine provides, /dev/shm and named volumes, whose source is never the
/// archive's (<see cref="RestoredMounts"/>).
/// </summary>
internal static class MountRule
{
    private const string Id = "mount";

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        foreach (var (mount, index) in (subject.Spec.Mounts ?? []).Select((mount, index) => (mount, index)))
        {
            var where = $"spec.dump: mounts[{index}]";
            if (!IsClean(mount.Destination))
                yield return FindingFactory.Never(Id, where, mount.Destination, "a mount whose place is no absolute path without . and ..");
            if (!RestoredMounts.IsBind(mount) || RestoredMounts.IsOwn(mount, subject.Config))
                continue;
            var access = IsReadOnly(mount) ? "ro" : "rw";
            var value = $"{mount.Source}:{mount.Destination}:{access}";
            yield return mount.Source is { } source && IsClean(source)
                ? FindingFactory.Refused(Id, where, value, $"{source} of this host at {mount.Destination}, {(access == "ro" ? "to read" : "to read and write")}", $"{source}:{access}")
                : FindingFactory.Never(Id, where, value, "a bind whose source is no absolute path without . and ..");
        }
    }

    private static bool IsClean(string path) => path.StartsWith('/') && !path.Contains('\0', StringComparison.Ordinal)
        && (path == "/" || path.Split('/')[1..].All(part => part is not ("" or "." or "..")));

    // As mount(8): the last of them counts.
    private static bool IsReadOnly(OciMount mount) => mount.Options?.LastOrDefault(option => option is "ro" or "rro" or "rw" or "rrw") is "ro" or "rro";
}
