using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Linux.Files;

namespace Stasis.Engine.Jail;

/// <summary>
/// The parts of the host that a restore's runtime sees; it sees no others. The engine writes the plan as JSON, and the command that conmon
/// runs in place of the runtime reads it (<see cref="JailedRestore"/>). All paths are the host's. They are the same within the jail, if
/// nothing else is said.
/// </summary>
internal sealed record JailPlan
{
    /// <summary>The container's ID.</summary>
    public required string Id { get; init; }

    /// <summary>The runtime's program.</summary>
    public required string Runtime { get; init; }

    /// <summary>CRIU's program.</summary>
    public string Criu { get; init; } = "";

    /// <summary>Programs and libraries, files and folders, that are there to read and to run.</summary>
    public required IReadOnlyList<string> Programs { get; init; }

    /// <summary>The folder with copies of them, each at its own path.</summary>
    public required string ProgramCopies { get; init; }

    /// <summary>Folders of the host that are there to read, too.</summary>
    public IReadOnlyList<string> ReadOnlyFolders { get; init; } = [];

    /// <summary>An empty folder of the host at which the jail is mounted while it is made.</summary>
    public required string NewRoot { get; init; }

    /// <summary>The bundle: in the jail a folder of its own, which is CRIU's work directory.</summary>
    public required string Bundle { get; init; }

    /// <summary>The folder whose files are copied into the jail's bundle: config.json, criu.conf, scripts.</summary>
    public required string BundleSource { get; init; }

    /// <summary>CRIU's images, to read.</summary>
    public required string Images { get; init; }

    /// <summary>The images that those build on, of a pre-checkpoint (CRIU's link "parent"), to read; null if there are none.</summary>
    public string? ParentImages { get; init; }

    /// <summary>The container's root file system, mounted.</summary>
    public required string RootFs { get; init; }

    /// <summary>The sources of the spec's bind mounts.</summary>
    public required IReadOnlyList<JailBind> Binds { get; init; }

    /// <summary>Files that the runtime opens: pinned namespaces.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The page server's socket, which CRIU finds in its work directory; null if no memory is loaded later.</summary>
    public string? PagesSocket { get; init; }

    /// <summary>The container's own cgroups: folders below /sys/fs/cgroup.</summary>
    public required IReadOnlyList<string> Cgroups { get; init; }

    /// <summary>
    /// Whether the runtime is started in these cgroups, since it doesn't put CRIU there itself. Others take no cgroups with a process in
    /// them.
    /// </summary>
    public bool EntersCgroups { get; init; }

    /// <summary>
    /// Whether the container has a cgroup namespace of its own. CRIU makes none when it leaves cgroups alone: the container inherits
    /// CRIU's.
    /// </summary>
    public bool HasCgroupNamespace { get; init; }

    /// <summary>Mount points of the cgroup hierarchies.</summary>
    public required IReadOnlyList<string> Hierarchies { get; init; }

    /// <summary>
    /// Whether the host has cgroup2 alone. runc follows no mount within that (openat2(2), RESOLVE_NO_XDEV), so in the jail the container's
    /// own cgroup is where the host has the hierarchy's root.
    /// </summary>
    public bool IsUnified { get; init; }

    /// <summary>The spec's cgroupsPath; in the jail it is "/" if <see cref="IsUnified"/>.</summary>
    public required string CgroupsPath { get; init; }

    /// <summary>The runtime's <c>--root</c>: in the jail an empty folder.</summary>
    public required string StateRoot { get; init; }

    /// <summary>The runtime's log.</summary>
    public required string Log { get; init; }

    /// <summary>Where the runtime writes the PID of the container's first process.</summary>
    public required string PidFile { get; init; }

    /// <summary>Whether the container has the host's network, so that the jail needs it too.</summary>
    public bool HasHostNetwork { get; init; }

    /// <summary>The numbers of the capabilities that nothing in the jail has (<see cref="DroppedCapabilities"/>).</summary>
    public IReadOnlyList<int> DroppedCapabilities { get; init; } = [];

    /// <summary>
    /// The values of <c>--allow</c> for a stranger's container, which is verified before it runs. Null for this host's own images, which
    /// aren't verified.
    /// </summary>
    public IReadOnlyList<string>? Allowed { get; init; }

    /// <summary>Whether the restored container is verified before it runs: CRIU waits for that in its action script.</summary>
    public bool RequiresVerification { get; init; }

    /// <summary>
    /// Whether the container stays frozen when it is restored, before its first instruction. CRIU and its script, which end after that,
    /// have to leave its cgroups first.
    /// </summary>
    public bool Holds { get; init; }

    /// <summary>The session keyring that the container gets; null for the caller's.</summary>
    public string? SessionKeyring { get; init; }

    /// <summary>Where the findings are written to, if there are some, as JSON.</summary>
    public required string Findings { get; init; }

    /// <summary>The spec outside of the jail; null if it is the bundle's config.json.</summary>
    public string? SpecFile { get; init; }

    /// <summary>The folder that CRIU's log and statistics are brought into; null for the bundle.</summary>
    public string? WorkFolder { get; init; }

    /// <summary>What the runtime in the jail takes for <see cref="CgroupsPath"/>.</summary>
    [JsonIgnore]
    public string JailedCgroupsPath => IsUnified ? "/" : CgroupsPath;

    /// <summary>Whether the images are a stranger's.</summary>
    [JsonIgnore]
    public bool IsUntrusted => Allowed is not null;

    /// <summary>The container's spec outside of the jail.</summary>
    [JsonIgnore]
    public string Spec => SpecFile ?? Path.Combine(Bundle, "config.json");

    /// <summary>Reads a plan.</summary>
    public static JailPlan Read(string path) =>
        JsonSerializer.Deserialize(File.ReadAllBytes(path), EngineJson.Default.JailPlan) ?? throw new JsonException($"{path} is null");

    /// <summary>Writes the plan.</summary>
    public void Write(string path) =>
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, EngineJson.Default.JailPlan), durable: false);
}
