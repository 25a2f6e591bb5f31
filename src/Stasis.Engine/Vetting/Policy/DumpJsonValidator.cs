using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Vetting.Policy;

/// <summary>
/// Requires that lists in the dumps contain no null, that named things have names, and that no field occurs
/// under its name in another case. The JSON reader accepts all of that, no engine writes it, and rules don't
/// check it again.
/// </summary>
internal static class DumpJsonValidator
{
    /// <summary>Checks config.dump and spec.dump. An import calls it once, before anything else looks at them.</summary>
    /// <exception cref="ArchiveException">A dump isn't well-formed.</exception>
    public static void Require(ContainerConfig config, OciSpec spec, string archive)
    {
        var linux = spec.Linux;
        var capabilities = spec.Process?.Capabilities;
        Check(ArchiveEntryNames.SpecDump, "mounts", spec.Mounts, mount => mount.Destination is not null && !HasNull(mount.Options));
        Check(ArchiveEntryNames.SpecDump, "process.rlimits", spec.Process?.Rlimits, limit => limit.Type is not null);
        Check(ArchiveEntryNames.SpecDump, "process.args", spec.Process?.Args, _ => true);
        Check(ArchiveEntryNames.SpecDump, "process.env", spec.Process?.Env, _ => true);
        Check(ArchiveEntryNames.SpecDump, "annotations", spec.Annotations?.Values, _ => true);
        Check(ArchiveEntryNames.SpecDump, "linux.namespaces", linux?.Namespaces, space => space.Type is not null);
        Check(ArchiveEntryNames.SpecDump, "linux.maskedPaths", linux?.MaskedPaths, _ => true);
        Check(ArchiveEntryNames.SpecDump, "linux.readonlyPaths", linux?.ReadonlyPaths, _ => true);
        Check(ArchiveEntryNames.SpecDump, "linux.sysctl", linux?.Sysctl?.Values, _ => true);
        Check(ArchiveEntryNames.SpecDump, "linux.seccomp.architectures", linux?.Seccomp?.Architectures, _ => true);
        Check(
            ArchiveEntryNames.SpecDump,
            "linux.seccomp.syscalls",
            linux?.Seccomp?.Syscalls,
            call => call.Action is not null && call.Names is not null && !HasNull(call.Names));
        foreach (var set in new[]
        {
            capabilities?.Bounding,
            capabilities?.Effective,
            capabilities?.Permitted,
            capabilities?.Inheritable,
            capabilities?.Ambient,
        })
            Check(ArchiveEntryNames.SpecDump, "process.capabilities", set, _ => true);
        Check(
            ArchiveEntryNames.ConfigDump,
            "namedVolumes",
            config.NamedVolumes,
            volume => volume.Name is not null && volume.Destination is not null && !HasNull(volume.Options));
        Check(ArchiveEntryNames.ConfigDump, "mounts", config.Mounts, _ => true);
        CheckNames(config.Unknown, EngineJson.Default.ContainerConfig);
        foreach (var volume in config.NamedVolumes ?? [])
            CheckNames(volume.Unknown, EngineJson.Default.NamedVolume);
        Check(ArchiveEntryNames.ConfigDump, "newNetworks", config.Networks?.Values, IsComplete);
        Check(
            ArchiveEntryNames.ConfigDump,
            "orderedNetworks",
            config.OrderedNetworks,
            network => network.Name is not null && IsComplete(network.Attachment));
        Check(ArchiveEntryNames.ConfigDump, "newPortMappings", config.PortMappings, _ => true);
        foreach (var (field, list) in Texts(config))
            Check(ArchiveEntryNames.ConfigDump, field, list, _ => true);
        if (spec.Root is { Path: null })
            throw new ArchiveException(archive, ArchiveEntryNames.SpecDump, "root.path is null");
        if (config.OrderedNetworks?.GroupBy(network => network.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArchiveException(
                archive, ArchiveEntryNames.ConfigDump, $"orderedNetworks has the network {EntryNameValidator.Shown(twice.Key)} twice");
        if (config.Id is null || config.Name is null)
            throw new ArchiveException(archive, ArchiveEntryNames.ConfigDump, "id or name is null");

        // Podman would read the field as the one of that name. Here it would pass the rules as an unknown
        // field, and be written into the next archive.
        void CheckNames(IDictionary<string, JsonElement>? unknown, JsonTypeInfo known)
        {
            foreach (var name in unknown?.Keys ?? [])
            {
                if (known.Properties.FirstOrDefault(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } field)
                    throw new ArchiveException(
                        archive,
                        ArchiveEntryNames.ConfigDump,
                        $"it has the field \"{EntryNameValidator.Shown(name)}\", which is written {field.Name}");
            }
        }

        void Check<T>(
            string entry,
            string field,
            IEnumerable<T>? list,
            Func<T, bool> complete) => DumpJsonValidator.Check(archive, entry, field, list, complete);
    }

    /// <summary>Checks network.status.</summary>
    /// <exception cref="ArchiveException">The entry isn't well-formed.</exception>
    public static void Require(IReadOnlyDictionary<string, NetworkStatus> status, string archive)
    {
        Check(archive, ArchiveEntryNames.NetworkStatus, "a network", status.Values, _ => true);
        foreach (var network in status.Values)
        {
            Check(archive, ArchiveEntryNames.NetworkStatus, "interfaces", network.Interfaces?.Values, _ => true);
            foreach (var device in network.Interfaces?.Values ?? [])
                Check(archive, ArchiveEntryNames.NetworkStatus, "subnets", device.Subnets, subnet => subnet.IpNet is not null);
        }
    }

    private static IEnumerable<(string, IEnumerable<string?>?)> Texts(ContainerConfig config) =>
    [
        ("CreateCommand", config.CreateCommand), ("entrypoint", config.Entrypoint), ("command", config.Command),
        ("userVolumes", config.UserVolumes), ("hostsAdd", config.HostsAdd), ("dnsServer", config.DnsServers),
        ("dnsSearch", config.DnsSearch), ("dnsOption", config.DnsOptions), ("labels", config.Labels?.Values),
    ];

    private static bool IsComplete(NetworkAttachment attachment) =>
        !HasNull(attachment.StaticIps) && !HasNull(attachment.Aliases) && attachment.Options?.Values.Any(value => value is null) != true;

    private static void Check<T>(string archive, string entry, string field, IEnumerable<T>? list, Func<T, bool> complete)
    {
        if (list?.Any(item => item is null || !complete(item)) == true)
            throw new ArchiveException(archive, entry, $"{field} has an entry that is null, or lacks what it must have");
    }

    private static bool HasNull(IReadOnlyList<string>? list) => list?.Any(item => item is null) == true;
}
