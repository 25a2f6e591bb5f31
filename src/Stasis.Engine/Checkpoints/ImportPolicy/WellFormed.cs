using Stasis.Engine.Archive;
using Stasis.Engine.Containers;
using Stasis.Engine.Oci.Spec;

namespace Stasis.Engine.Checkpoints.ImportPolicy;

/// <summary>
/// That lists hold no null, and what has a name has one: the JSON reader lets both pass, no engine writes them, and the rules need not ask again.
/// </summary>
internal static class WellFormed
{
    /// <exception cref="ArchiveException">They do.</exception>
    public static void Require(ContainerConfig config, OciSpec spec, string archive)
    {
        var linux = spec.Linux;
        var capabilities = spec.Process?.Capabilities;
        Check(ArchiveFiles.SpecDump, "mounts", spec.Mounts, mount => mount.Destination is not null && !HasNull(mount.Options));
        Check(ArchiveFiles.SpecDump, "process.rlimits", spec.Process?.Rlimits, limit => limit.Type is not null);
        Check(ArchiveFiles.SpecDump, "process.args", spec.Process?.Args, _ => true);
        Check(ArchiveFiles.SpecDump, "process.env", spec.Process?.Env, _ => true);
        Check(ArchiveFiles.SpecDump, "annotations", spec.Annotations?.Values, _ => true);
        Check(ArchiveFiles.SpecDump, "linux.namespaces", linux?.Namespaces, space => space.Type is not null);
        Check(ArchiveFiles.SpecDump, "linux.maskedPaths", linux?.MaskedPaths, _ => true);
        Check(ArchiveFiles.SpecDump, "linux.readonlyPaths", linux?.ReadonlyPaths, _ => true);
        Check(ArchiveFiles.SpecDump, "linux.sysctl", linux?.Sysctl?.Values, _ => true);
        Check(ArchiveFiles.SpecDump, "linux.seccomp.architectures", linux?.Seccomp?.Architectures, _ => true);
        Check(ArchiveFiles.SpecDump, "linux.seccomp.syscalls", linux?.Seccomp?.Syscalls, call => call.Action is not null && call.Names is not null && !HasNull(call.Names));
        foreach (var set in new[] { capabilities?.Bounding, capabilities?.Effective, capabilities?.Permitted, capabilities?.Inheritable, capabilities?.Ambient })
            Check(ArchiveFiles.SpecDump, "process.capabilities", set, _ => true);
        Check(ArchiveFiles.ConfigDump, "namedVolumes", config.NamedVolumes, volume => volume.Name is not null && volume.Destination is not null && !HasNull(volume.Options));
        Check(ArchiveFiles.ConfigDump, "mounts", config.Mounts, _ => true);
        Check(ArchiveFiles.ConfigDump, "newNetworks", config.Networks?.Values, _ => true);
        Check(ArchiveFiles.ConfigDump, "orderedNetworks", config.OrderedNetworks, network => network.Name is not null && network.Attachment is not null);
        Check(ArchiveFiles.ConfigDump, "newPortMappings", config.PortMappings, _ => true);
        if (spec.Root is { Path: null })
            throw new ArchiveException(archive, ArchiveFiles.SpecDump, "root.path is null");
        if (config.Id is null || config.Name is null)
            throw new ArchiveException(archive, ArchiveFiles.ConfigDump, "id or name is null");

        void Check<T>(string entry, string field, IEnumerable<T>? list, Func<T, bool> complete)
        {
            if (list?.Any(item => item is null || !complete(item)) == true)
                throw new ArchiveException(archive, entry, $"{field} has an entry that is null, or lacks what it must have");
        }
    }

    private static bool HasNull(IReadOnlyList<string>? list) => list?.Any(item => item is null) == true;
}
