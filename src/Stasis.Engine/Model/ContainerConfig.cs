using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Engine.Network;
using Stasis.Engine.Oci.Spec;

namespace Stasis.Engine.Model;

/// <summary>
/// What a container was asked to be; fixed once it is created. This is the record that archives carry as <c>config.dump</c>, and its
/// JSON is Podman's: the names are those of libpod/container_config.go (Podman 5.8), and fields that Stasis does not know are
/// kept in <see cref="Unknown"/> and written back unchanged.
/// </summary>
public sealed record ContainerConfig
{
    /// <summary>64 hexadecimal digits.</summary>
    [JsonPropertyName("id")] public required string Id { get; init; }
    /// <summary>The name people use.</summary>
    [JsonPropertyName("name")] public required string Name { get; init; }
    /// <summary>The OCI spec as asked for at creation, before host paths were filled in. Podman repeats it in spec.dump.</summary>
    [JsonPropertyName("spec")] public OciSpec? Spec { get; init; }
    /// <summary>The pod it belongs to (Podman only; Stasis refuses it).</summary>
    [JsonPropertyName("pod")] public string? Pod { get; init; }
    /// <summary>The command line that made it.</summary>
    [JsonPropertyName("CreateCommand")] public IReadOnlyList<string>? CreateCommand { get; init; }
    /// <summary>The image as the user named it.</summary>
    [JsonPropertyName("RawImageName")] public string? RawImageName { get; init; }
    /// <summary>Containers whose namespaces it joins (Podman only; Stasis refuses it).</summary>
    [JsonPropertyName("Dependencies")] public IReadOnlyList<string>? Dependencies { get; init; }
    /// <summary>ID of its image: 64 hexadecimal digits, without "sha256:".</summary>
    [JsonPropertyName("rootfsImageID")] public string? RootfsImageId { get; init; }
    /// <summary>Full name of its image, e.g. <c>localhost/counter:latest</c>.</summary>
    [JsonPropertyName("rootfsImageName")] public string? RootfsImageName { get; init; }
    /// <summary>Host path behind /dev/shm.</summary>
    [JsonPropertyName("ShmDir")] public string? ShmDir { get; init; }
    /// <summary>/dev/shm is the container's own.</summary>
    [JsonPropertyName("NOShmShare")] public bool? NoShmShare { get; init; }
    /// <summary>Size of /dev/shm, in bytes.</summary>
    [JsonPropertyName("shmSize")] public long ShmSize { get; init; }
    /// <summary>Host path of the container's folder.</summary>
    [JsonPropertyName("staticDir")] public string? StaticDir { get; init; }
    /// <summary>Host paths that Podman unmounts when the container ends: that behind /dev/shm, and nothing else.</summary>
    [JsonPropertyName("mounts")] public IReadOnlyList<string>? Mounts { get; init; }
    /// <summary>Its named volumes.</summary>
    [JsonPropertyName("namedVolumes")] public IReadOnlyList<NamedVolume>? NamedVolumes { get; init; }
    /// <summary>Run without any confinement.</summary>
    [JsonPropertyName("privileged")] public bool Privileged { get; init; }
    /// <summary>The user as asked for: name or number, with an optional group.</summary>
    [JsonPropertyName("user")] public string? User { get; init; }
    /// <summary>Whether the network namespace is made by the engine, and not by the runtime.</summary>
    [JsonPropertyName("createNetNS")] public bool CreateNetNs { get; init; }
    /// <summary>"none", "host", "bridge", …</summary>
    [JsonPropertyName("networkMode")] public string? NetworkMode { get; init; }
    /// <summary>Networks it is attached to, by name (Podman 4 and 5).</summary>
    [JsonPropertyName("newNetworks")] public IReadOnlyDictionary<string, NetworkAttachment>? Networks { get; init; }
    /// <summary>The same, in order (Podman 6); read in place of <see cref="Networks"/> where it is there, never written.</summary>
    [JsonPropertyName("orderedNetworks")] public IReadOnlyList<NamedAttachment>? OrderedNetworks { get; init; }
    /// <summary>Ports of the host that lead into it.</summary>
    [JsonPropertyName("newPortMappings")] public IReadOnlyList<PortMapping>? PortMappings { get; init; }
    /// <summary>Ports that are said to be of use, with their protocols, but not published.</summary>
    [JsonPropertyName("exposedPorts")] public IReadOnlyDictionary<string, IReadOnlyList<string>>? ExposedPorts { get; init; }
    /// <summary>Name servers in place of the host's.</summary>
    [JsonPropertyName("dnsServer")] public IReadOnlyList<string>? DnsServers { get; init; }
    /// <summary>Domains to search in place of the host's.</summary>
    [JsonPropertyName("dnsSearch")] public IReadOnlyList<string>? DnsSearch { get; init; }
    /// <summary>Options of resolv.conf.</summary>
    [JsonPropertyName("dnsOption")] public IReadOnlyList<string>? DnsOptions { get; init; }
    /// <summary>Lines of /etc/hosts: NAME[;NAME…]:ADDRESS.</summary>
    [JsonPropertyName("hostsAdd")] public IReadOnlyList<string>? HostsAdd { get; init; }
    /// <summary>Entrypoint as asked for, or the image's.</summary>
    [JsonPropertyName("entrypoint")] public IReadOnlyList<string>? Entrypoint { get; init; }
    /// <summary>Command as asked for, or the image's.</summary>
    [JsonPropertyName("command")] public IReadOnlyList<string>? Command { get; init; }
    /// <summary>Volumes as the user or the image asked for them.</summary>
    [JsonPropertyName("userVolumes")] public IReadOnlyList<string>? UserVolumes { get; init; }
    /// <summary>Its standard input stays open (<c>-i</c>).</summary>
    [JsonPropertyName("stdin")] public bool? Stdin { get; init; }
    /// <summary>Labels: the image's and the user's.</summary>
    [JsonPropertyName("labels")] public IReadOnlyDictionary<string, string>? Labels { get; init; }
    /// <summary>Signal number that asks it to stop.</summary>
    [JsonPropertyName("stopSignal")] public uint? StopSignal { get; init; }
    /// <summary>How long it may take over that, in seconds, before it is killed.</summary>
    [JsonPropertyName("stopTimeout")] public uint? StopTimeout { get; init; }
    /// <summary>When it was created.</summary>
    [JsonPropertyName("createdTime")] public DateTimeOffset CreatedTime { get; init; }
    /// <summary>"cgroupfs" (Stasis) or "systemd".</summary>
    [JsonPropertyName("cgroupManager")] public string? CgroupManager { get; init; }
    /// <summary>Cgroup beneath which the container's own is made.</summary>
    [JsonPropertyName("cgroupParent")] public string? CgroupParent { get; init; }
    /// <summary>Host path of its log.</summary>
    [JsonPropertyName("logPath")] public string? LogPath { get; init; }
    /// <summary>"k8s-file".</summary>
    [JsonPropertyName("logDriver")] public string? LogDriver { get; init; }
    /// <summary>Host path of conmon's PID file. Stasis leaves it out: Podman would write to this path, of another host, when it restores.</summary>
    [JsonPropertyName("conmonPidFile")] public string? ConmonPidFile { get; init; }
    /// <summary>"no", "always", "on-failure", "unless-stopped".</summary>
    [JsonPropertyName("restart_policy")] public string? RestartPolicy { get; init; }
    /// <summary>The working directory is made if the image lacks it (one that was asked for must be there).</summary>
    [JsonPropertyName("createWorkingDir")] public bool? CreateWorkingDir { get; init; }
    /// <summary>umask of its processes, octal.</summary>
    [JsonPropertyName("umask")] public string? Umask { get; init; }
    /// <summary>The OCI runtime: a name or a path.</summary>
    [JsonPropertyName("runtime")] public string? OciRuntime { get; init; }
    /// <summary>Everything else that Podman wrote, carried unchanged. Names are found in any case, as Podman finds them (encoding/json).</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; } = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
}
