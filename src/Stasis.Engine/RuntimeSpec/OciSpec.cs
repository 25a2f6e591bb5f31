using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.RuntimeSpec;

/// <summary>
/// An OCI runtime spec (config.json; opencontainers/runtime-spec 1.2). Fields that Stasis reads or writes are members; all others
/// are kept in <see cref="Unknown"/> at every level and written back unchanged.
/// </summary>
public sealed record OciSpec
{
    /// <summary>Version of the specification.</summary>
    [JsonPropertyName("ociVersion")] public string OciVersion { get; init; } = "1.0.2";
    /// <summary>The first process.</summary>
    [JsonPropertyName("process")] public OciProcess? Process { get; init; }
    /// <summary>The root filesystem.</summary>
    [JsonPropertyName("root")] public OciRoot? Root { get; init; }
    /// <summary>Name in the UTS namespace.</summary>
    [JsonPropertyName("hostname")] public string? Hostname { get; init; }
    /// <summary>Mounts, in order.</summary>
    [JsonPropertyName("mounts")] public IReadOnlyList<OciMount>? Mounts { get; init; }
    /// <summary>Hooks: programs that the runtime runs on the host.</summary>
    [JsonPropertyName("hooks")] public JsonElement? Hooks { get; init; }
    /// <summary>Annotations.</summary>
    [JsonPropertyName("annotations")] public IReadOnlyDictionary<string, string>? Annotations { get; init; }
    /// <summary>Settings that only Linux has.</summary>
    [JsonPropertyName("linux")] public OciLinux? Linux { get; init; }
    /// <summary>All other fields, kept unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>The container's first process (runtime-spec: process).</summary>
public sealed record OciProcess
{
    /// <summary>The process has a terminal.</summary>
    [JsonPropertyName("terminal")] public bool? Terminal { get; init; }
    /// <summary>User and groups of the process.</summary>
    [JsonPropertyName("user")] public OciUser? User { get; init; }
    /// <summary>Program and arguments.</summary>
    [JsonPropertyName("args")] public IReadOnlyList<string>? Args { get; init; }
    /// <summary>Environment variables, KEY=VALUE.</summary>
    [JsonPropertyName("env")] public IReadOnlyList<string>? Env { get; init; }
    /// <summary>Working directory, absolute.</summary>
    [JsonPropertyName("cwd")] public string? Cwd { get; init; }
    /// <summary>Capability sets, names as CAP_….</summary>
    [JsonPropertyName("capabilities")] public OciCapabilities? Capabilities { get; init; }
    /// <summary>Resource limits.</summary>
    [JsonPropertyName("rlimits")] public IReadOnlyList<OciRlimit>? Rlimits { get; init; }
    /// <summary>PR_SET_NO_NEW_PRIVS.</summary>
    [JsonPropertyName("noNewPrivileges")] public bool? NoNewPrivileges { get; init; }
    /// <summary>AppArmor profile.</summary>
    [JsonPropertyName("apparmorProfile")] public string? ApparmorProfile { get; init; }
    /// <summary>SELinux label.</summary>
    [JsonPropertyName("selinuxLabel")] public string? SelinuxLabel { get; init; }
    /// <summary>All other fields, kept unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>User and groups of a process (runtime-spec: user).</summary>
public sealed record OciUser
{
    /// <summary>User ID.</summary>
    [JsonPropertyName("uid")] public uint Uid { get; init; }
    /// <summary>Group ID.</summary>
    [JsonPropertyName("gid")] public uint Gid { get; init; }
    /// <summary>umask.</summary>
    [JsonPropertyName("umask")] public uint? Umask { get; init; }
    /// <summary>Supplementary groups.</summary>
    [JsonPropertyName("additionalGids")] public IReadOnlyList<uint>? AdditionalGids { get; init; }
    /// <summary>All other fields, kept unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>Capability sets (runtime-spec: capabilities).</summary>
public sealed record OciCapabilities
{
    /// <summary>Bounding set.</summary>
    [JsonPropertyName("bounding")] public IReadOnlyList<string>? Bounding { get; init; }
    /// <summary>Effective set.</summary>
    [JsonPropertyName("effective")] public IReadOnlyList<string>? Effective { get; init; }
    /// <summary>Inheritable set.</summary>
    [JsonPropertyName("inheritable")] public IReadOnlyList<string>? Inheritable { get; init; }
    /// <summary>Permitted set.</summary>
    [JsonPropertyName("permitted")] public IReadOnlyList<string>? Permitted { get; init; }
    /// <summary>Ambient set.</summary>
    [JsonPropertyName("ambient")] public IReadOnlyList<string>? Ambient { get; init; }
}

/// <summary>A resource limit (runtime-spec: rlimits).</summary>
public sealed record OciRlimit
{
    /// <summary>RLIMIT_….</summary>
    [JsonPropertyName("type")] public required string Type { get; init; }
    /// <summary>Hard limit.</summary>
    [JsonPropertyName("hard")] public ulong Hard { get; init; }
    /// <summary>Soft limit.</summary>
    [JsonPropertyName("soft")] public ulong Soft { get; init; }
}

/// <summary>The root filesystem (runtime-spec: root).</summary>
public sealed record OciRoot
{
    /// <summary>Host path.</summary>
    [JsonPropertyName("path")] public required string Path { get; init; }
    /// <summary>Mounted read-only in the container.</summary>
    [JsonPropertyName("readonly")] public bool? Readonly { get; init; }
    /// <summary>All other fields, kept unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A mount (runtime-spec: mounts).</summary>
public sealed record OciMount
{
    /// <summary>Path in the container.</summary>
    [JsonPropertyName("destination")] public required string Destination { get; init; }
    /// <summary>File system type, or "bind".</summary>
    [JsonPropertyName("type")] public string? Type { get; init; }
    /// <summary>Host path, or name of the device.</summary>
    [JsonPropertyName("source")] public string? Source { get; init; }
    /// <summary>Options as mount(8) takes them.</summary>
    [JsonPropertyName("options")] public IReadOnlyList<string>? Options { get; init; }
    /// <summary>All other fields, kept unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
    /// <summary>Whether it is mounted read-only: of several such options, runtimes take the last.</summary>
    [JsonIgnore] public bool IsReadOnly => Options?.LastOrDefault(option => option is "ro" or "rro" or "rw" or "rrw") is "ro" or "rro";
}

/// <summary>Settings that only Linux has (runtime-spec: config-linux).</summary>
public sealed record OciLinux
{
    /// <summary>Namespaces: created, or joined if they have a path.</summary>
    [JsonPropertyName("namespaces")] public IReadOnlyList<OciNamespace>? Namespaces { get; init; }
    /// <summary>Device nodes to create.</summary>
    [JsonPropertyName("devices")] public JsonElement? Devices { get; init; }
    /// <summary>Cgroup of the container.</summary>
    [JsonPropertyName("cgroupsPath")] public string? CgroupsPath { get; init; }
    /// <summary>Cgroup limits.</summary>
    [JsonPropertyName("resources")] public OciResources? Resources { get; init; }
    /// <summary>Propagation of the root mount.</summary>
    [JsonPropertyName("rootfsPropagation")] public string? RootfsPropagation { get; init; }
    /// <summary>Seccomp filter.</summary>
    [JsonPropertyName("seccomp")] public OciSeccomp? Seccomp { get; init; }
    /// <summary>Kernel parameters.</summary>
    [JsonPropertyName("sysctl")] public IReadOnlyDictionary<string, string>? Sysctl { get; init; }
    /// <summary>Paths hidden from the container.</summary>
    [JsonPropertyName("maskedPaths")] public IReadOnlyList<string>? MaskedPaths { get; init; }
    /// <summary>Paths made read-only.</summary>
    [JsonPropertyName("readonlyPaths")] public IReadOnlyList<string>? ReadonlyPaths { get; init; }
    /// <summary>All other fields, kept unchanged.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A namespace (runtime-spec: namespaces).</summary>
public sealed record OciNamespace
{
    /// <summary>"pid", "network", "ipc", "uts", "mount", "user", "cgroup", "time".</summary>
    [JsonPropertyName("type")] public required string Type { get; init; }
    /// <summary>Path of an existing namespace to join; null to create one.</summary>
    [JsonPropertyName("path")] public string? Path { get; init; }
}
