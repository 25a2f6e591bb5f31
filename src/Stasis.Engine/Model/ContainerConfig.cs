using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Model;

/// <summary>
/// The options that a container was created with; never changed afterwards. Archives hold this record as <c>config.dump</c>. Its
/// JSON is Podman's: the names are those of libpod/container_config.go (Podman 5.8), and unknown fields are kept in
/// <see cref="Unknown"/> and written back unchanged.
/// </summary>
public sealed record ContainerConfig
{
    /// <summary>ID: 64 hexadecimal digits.</summary>
    [JsonPropertyName("id")] public required string Id { get; init; }
    /// <summary>Name, unique on its host.</summary>
    [JsonPropertyName("name")] public required string Name { get; init; }
    /// <summary>The OCI spec at creation, without host paths. Podman repeats it in spec.dump.</summary>
    [JsonPropertyName("spec")] public OciSpec? Spec { get; init; }
    /// <summary>The pod that the container belongs to (Podman only; Stasis refuses it).</summary>
    [JsonPropertyName("pod")] public string? Pod { get; init; }
    /// <summary>The command line that created the container.</summary>
    [JsonPropertyName("CreateCommand")] public IReadOnlyList<string>? CreateCommand { get; init; }
    /// <summary>The image as the user named it.</summary>
    [JsonPropertyName("RawImageName")] public string? RawImageName { get; init; }
    /// <summary>Containers whose namespaces the container joins (Podman only; Stasis refuses them).</summary>
    [JsonPropertyName("Dependencies")] public IReadOnlyList<string>? Dependencies { get; init; }
    /// <summary>ID of its image: 64 hexadecimal digits, without "sha256:".</summary>
    [JsonPropertyName("rootfsImageID")] public string? RootfsImageId { get; init; }
    /// <summary>Full name of its image, e.g. <c>localhost/counter:latest</c>.</summary>
    [JsonPropertyName("rootfsImageName")] public string? RootfsImageName { get; init; }
    /// <summary>Host path behind /dev/shm.</summary>
    [JsonPropertyName("ShmDir")] public string? ShmDir { get; init; }
    /// <summary>/dev/shm is the container's own, not shared with others.</summary>
    [JsonPropertyName("NOShmShare")] public bool? NoShmShare { get; init; }
    /// <summary>Size of /dev/shm, in bytes.</summary>
    [JsonPropertyName("shmSize")] public long ShmSize { get; init; }
    /// <summary>Host path of the container's folder.</summary>
    [JsonPropertyName("staticDir")] public string? StaticDir { get; init; }
    /// <summary>Host paths that Podman unmounts when the container ends: only the one behind /dev/shm.</summary>
    [JsonPropertyName("mounts")] public IReadOnlyList<string>? Mounts { get; init; }
    /// <summary>Named volumes, and where they are mounted.</summary>
    [JsonPropertyName("namedVolumes")] public IReadOnlyList<NamedVolume>? NamedVolumes { get; init; }
    /// <summary>Run without any confinement.</summary>
    [JsonPropertyName("privileged")] public bool Privileged { get; init; }
    /// <summary>The user: name or number, with an optional group.</summary>
    [JsonPropertyName("user")] public string? User { get; init; }
    /// <summary>The engine creates the network namespace, not the runtime.</summary>
    [JsonPropertyName("createNetNS")] public bool CreateNetNs { get; init; }
    /// <summary>"none", "host", "bridge", …</summary>
    [JsonPropertyName("networkMode")] public string? NetworkMode { get; init; }
    /// <summary>Networks that the container is attached to, by name (Podman 4 and 5).</summary>
    [JsonPropertyName("newNetworks")] public IReadOnlyDictionary<string, NetworkAttachment>? Networks { get; init; }
    /// <summary>The networks in order (Podman 6). Read in place of <see cref="Networks"/> if present; never written.</summary>
    [JsonPropertyName("orderedNetworks")] public IReadOnlyList<NamedNetworkAttachment>? OrderedNetworks { get; init; }
    /// <summary>Published ports.</summary>
    [JsonPropertyName("newPortMappings")] public IReadOnlyList<PortMapping>? PortMappings { get; init; }
    /// <summary>Exposed ports, with their protocols; not published.</summary>
    [JsonPropertyName("exposedPorts")] public IReadOnlyDictionary<string, IReadOnlyList<string>>? ExposedPorts { get; init; }
    /// <summary>Name servers in place of the host's.</summary>
    [JsonPropertyName("dnsServer")] public IReadOnlyList<string>? DnsServers { get; init; }
    /// <summary>Domains to search in place of the host's.</summary>
    [JsonPropertyName("dnsSearch")] public IReadOnlyList<string>? DnsSearch { get; init; }
    /// <summary>Options of resolv.conf.</summary>
    [JsonPropertyName("dnsOption")] public IReadOnlyList<string>? DnsOptions { get; init; }
    /// <summary>Lines of /etc/hosts: NAME[;NAME…]:ADDRESS.</summary>
    [JsonPropertyName("hostsAdd")] public IReadOnlyList<string>? HostsAdd { get; init; }
    /// <summary>Entrypoint: the user's, or the image's.</summary>
    [JsonPropertyName("entrypoint")] public IReadOnlyList<string>? Entrypoint { get; init; }
    /// <summary>Command: the user's, or the image's.</summary>
    [JsonPropertyName("command")] public IReadOnlyList<string>? Command { get; init; }
    /// <summary>Mount points that the user or the image asked for.</summary>
    [JsonPropertyName("userVolumes")] public IReadOnlyList<string>? UserVolumes { get; init; }
    /// <summary>Standard input stays open (<c>-i</c>).</summary>
    [JsonPropertyName("stdin")] public bool? Stdin { get; init; }
    /// <summary>Labels: the image's and the user's.</summary>
    [JsonPropertyName("labels")] public IReadOnlyDictionary<string, string>? Labels { get; init; }
    /// <summary>Number of the signal that asks the first process to stop.</summary>
    [JsonPropertyName("stopSignal")] public uint? StopSignal { get; init; }
    /// <summary>Seconds between the stop signal and SIGKILL.</summary>
    [JsonPropertyName("stopTimeout")] public uint? StopTimeout { get; init; }
    /// <summary>When the container was created.</summary>
    [JsonPropertyName("createdTime")] public DateTimeOffset CreatedTime { get; init; }
    /// <summary>"cgroupfs" (Stasis) or "systemd".</summary>
    [JsonPropertyName("cgroupManager")] public string? CgroupManager { get; init; }
    /// <summary>Parent of the container's cgroup.</summary>
    [JsonPropertyName("cgroupParent")] public string? CgroupParent { get; init; }
    /// <summary>Host path of the container's log.</summary>
    [JsonPropertyName("logPath")] public string? LogPath { get; init; }
    /// <summary>"k8s-file".</summary>
    [JsonPropertyName("logDriver")] public string? LogDriver { get; init; }
    /// <summary>
    /// Host path of conmon's PID file. Never set by Stasis: Podman would write to this path when it restores on another host.
    /// </summary>
    [JsonPropertyName("conmonPidFile")] public string? ConmonPidFile { get; init; }
    /// <summary>"no", "always", "on-failure", "unless-stopped".</summary>
    [JsonPropertyName("restart_policy")] public string? RestartPolicy { get; init; }
    /// <summary>Create the working directory if the image lacks it. False if the user named the directory, which must then exist.</summary>
    [JsonPropertyName("createWorkingDir")] public bool? CreateWorkingDir { get; init; }
    /// <summary>umask of the processes, octal.</summary>
    [JsonPropertyName("umask")] public string? Umask { get; init; }
    /// <summary>The OCI runtime: a name or a path.</summary>
    [JsonPropertyName("runtime")] public string? OciRuntime { get; init; }
    /// <summary>All other fields that Podman wrote, kept unchanged. Lookups ignore case, as in Podman (encoding/json).</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; } = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
}
