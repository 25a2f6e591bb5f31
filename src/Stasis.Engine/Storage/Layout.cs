using System.Text;
using Stasis.Engine.Model;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Storage;

/// <summary>Every path that Stasis has on disk, in one place. Nothing else joins them.</summary>
/// <param name="root">What outlives a reboot (<see cref="EngineOptions.Root"/>).</param>
/// <param name="runRoot">What doesn't (<see cref="EngineOptions.RunRoot"/>).</param>
public sealed class Layout(string root, string runRoot)
{
    /// <summary>State that outlives a reboot.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>State that doesn't.</summary>
    public string RunRoot { get; } = Path.GetFullPath(runRoot);

    private static readonly string[] RootEntries =
    [
        "reserve", "staging", "layers", "checkpoints", "volumes", "networks", "containers", "logs",
        "locks", "pages", "criu-version", "command", "runtime", "netns", "boot", "restored-bundles",
        "unfinished-volumes",
    ];

    /// <summary>
    /// Whether a file or folder in the root or the run root is Stasis's, by its name. Files have temporary names first, which begin with
    /// a dot.
    /// </summary>
    internal static bool IsRootEntry(string path) => Path.GetFileName(path) is var name
        && (RootEntries.Contains(name) || name.StartsWith("stasis.db", StringComparison.Ordinal)
            || (name.StartsWith('.') && RootEntries.Any(own => name.StartsWith($".{own}", StringComparison.Ordinal))));

    /// <summary>The database (SQLite, WAL).</summary>
    public string Database => Path.Combine(Root, "stasis.db");

    /// <summary>Room that is kept for removals (<see cref="Storage.RemovalReserve"/>).</summary>
    public string Reserve => Path.Combine(Root, "reserve");

    /// <summary>Half-made things under their temporary names. Whatever no process holds a lock on is removed by the next command.</summary>
    public string Staging => Path.Combine(Root, "staging");

    /// <summary>One of the folders in it.</summary>
    public string StagingFolder(string name) => Path.Combine(Staging, name);

    /// <summary>Unpacked layers, one folder per chain ID, read-only once made.</summary>
    public string Layers => Path.Combine(Root, "layers");

    /// <summary>One unpacked layer.</summary>
    public string Layer(string chainId) => Path.Combine(Layers, chainId.Replace(':', '-'));

    /// <summary>The checkpoint store, a folder for each checkpoint.</summary>
    public string Checkpoints => Path.Combine(Root, "checkpoints");

    /// <summary>
    /// One checkpoint: what an archive holds, as files under their archive names, read-only once it is there; and
    /// <see cref="CheckpointLayer"/>s.
    /// </summary>
    public string Checkpoint(string id) => Path.Combine(Checkpoints, id);

    /// <summary>
    /// What a checkpoint's container had changed in its root file system, as a layer to be put on the image's: one for
    /// each image that it was ever restored on, named by the chain ID of the image's topmost layer.
    /// </summary>
    public string CheckpointLayer(string id, string chainId) => Path.Combine(Checkpoint(id), "layers", Path.GetFileName(Layer(chainId)));

    /// <summary>Paths of that layer that a copy gets files of its own for, as JSON.</summary>
    public string CheckpointLayerOwn(string id, string chainId) => CheckpointLayer(id, chainId) + ".own";

    /// <summary>The image's layers beneath a container's root file system, topmost first.</summary>
    public IReadOnlyList<string> ImageLayers(Container container) => [.. container.Layers.Reverse().Select(Layer)];

    /// <summary>All layers beneath it, topmost first: that of the checkpoint that the container was made from, then the image's.</summary>
    public IReadOnlyList<string> LowerLayers(Container container) => [.. LayerOfCheckpoint(container), .. ImageLayers(container)];

    /// <summary>
    /// What a container has that its image hasn't: its overlay's upper directory, and the layer of the checkpoint that
    /// it was made from, if it was.
    /// </summary>
    public IReadOnlyList<string> ChangedLayers(Container container) => [Container(container.Id).Upper, .. LayerOfCheckpoint(container)];

    private string[] LayerOfCheckpoint(Container container) =>
        container is { Checkpoint: { } id, HasCheckpointLayer: true } ? [CheckpointLayer(id, container.Layers[^1])] : [];

    /// <summary>Named volumes.</summary>
    public string Volumes => Path.Combine(Root, "volumes");

    /// <summary>A named volume's content.</summary>
    public string Volume(string name) => Path.Combine(Volumes, name, "_data");

    /// <summary>Networks' definitions, a file each.</summary>
    public string Networks => Path.Combine(Root, "networks");

    /// <summary>One network's definition.</summary>
    public string Network(string name) => Path.Combine(Networks, name + ".json");

    /// <summary>What netavark and aardvark-dns keep while containers are attached.</summary>
    public string NetworkRun => Path.Combine(RunRoot, "networks");

    /// <summary>What containers have asked netavark for, a file each: their addresses and ports.</summary>
    public string NetworkRequests => Path.Combine(NetworkRun, "requests");

    /// <summary>What one container has asked netavark for.</summary>
    public string NetworkRequest(string id) => Path.Combine(NetworkRequests, id);

    /// <summary>The address that was given out last of a subnet.</summary>
    public string LastAddress(string subnet) => Path.Combine(NetworkRun, "last", subnet.Replace('/', '-'));

    /// <summary>The lock that guards networks, addresses and ports.</summary>
    public string NetworkLock => Path.Combine(Locks, "networks");

    /// <summary>The lock that netavark runs under, which must not run twice at once.</summary>
    public string NetavarkLock => Path.Combine(Locks, "netavark");

    /// <summary>All containers' folders.</summary>
    public string Containers => Path.Combine(Root, "containers");

    /// <summary>One container's folder.</summary>
    public ContainerLayout Container(string id) => new(Path.Combine(Containers, id), Path.Combine(RunRoot, "containers", id), id, RunRoot);

    /// <summary>A log of CRIU that outlives the container whose restore failed.</summary>
    public string KeptLog(string id, string verb) => Path.Combine(Root, "logs", $"{id}-{verb}.log");

    /// <summary>Files that processes lock.</summary>
    public string Locks => Path.Combine(RunRoot, "locks");

    /// <summary>The lock that guards a container; goes with it.</summary>
    public string ContainerLock(string id) => Path.Combine(Locks, id);

    /// <summary>
    /// The lock that guards an unpacked layer: shared by who counts on it being there, exclusive for who makes or
    /// removes it.
    /// </summary>
    public string LayerLock(string chainId) => Path.Combine(Locks, "layer-" + Path.GetFileName(Layer(chainId)));

    /// <summary>
    /// The lock that guards a checkpoint in the store: shared by who counts on it being there, exclusive for who puts
    /// it there or removes it.
    /// </summary>
    public string CheckpointLock(string id) => Path.Combine(Locks, "checkpoint-" + id);

    /// <summary>The mark of a checkpoint whose memory pages aren't all there yet.</summary>
    public string BackfillMarker(string id) => GetBackfillMarker(Checkpoint(id));

    /// <summary>The same, in the checkpoint's folder wherever that is.</summary>
    public static string GetBackfillMarker(string checkpoint) => Path.Combine(checkpoint, "filling");

    /// <summary>The lock of who reads them.</summary>
    public string BackfillLock(string id) => Path.Combine(Locks, "filling-" + id);

    /// <summary>
    /// The lock that guards checkpoints which no container uses yet: shared by who puts them into the store, exclusive for who removes
    /// what killed processes have left there.
    /// </summary>
    public string NewCheckpointsLock => Path.Combine(Locks, "new-checkpoints");

    /// <summary>Holds the ID of the boot in which what a crash of the machine had left was removed.</summary>
    public string BootMark => Path.Combine(RunRoot, "boot");

    /// <summary>The lock of who makes a <see cref="CheckpointLayer"/>.</summary>
    public string CheckpointLayerLock(string id) => Path.Combine(Locks, "checkpoint-layer-" + id);

    /// <summary>The lock of who reads an archive file into the store, so that others need not read it too.</summary>
    public string ArchiveLock(ulong device, ulong inode) =>
        Path.Combine(Locks, FormattableString.Invariant($"archive-{device:x}-{inode:x}"));

    /// <summary>The lock of who opens a checkpoint image on a registry, by the checkpoint's ID.</summary>
    internal string RegistryImageLock(string id) => Path.Combine(Locks, "registry-" + id);

    /// <summary>Page servers' folders, one for each checkpoint whose copies' memory isn't all there.</summary>
    public string PageServers => Path.Combine(RunRoot, "pages");

    /// <summary>The folder of the page server of a checkpoint, by the folder of its images.</summary>
    public string PageServer(string images) =>
        Path.Combine(PageServers, Convert.ToHexStringLower(Sha256.Compute(Encoding.UTF8.GetBytes(Path.GetFullPath(images))).AsSpan(0, 8)));

    /// <summary>Which version the CRIU is that was asked last.</summary>
    public string CriuVersion => Path.Combine(RunRoot, "criu-version");

    /// <summary>Which program was found to be the stasis command.</summary>
    public string CommandProof => Path.Combine(RunRoot, "command");

    /// <summary>Copies of the programs and libraries that a runtime and its CRIU need to run.</summary>
    public string JailPrograms(string runtime) => Path.Combine(Root, "jail-programs", Path.GetFileName(runtime));

    /// <summary>State of the OCI runtime (its <c>--root</c>), one folder per runtime.</summary>
    public string RuntimeRoot(string runtime) => Path.Combine(RunRoot, "runtime", Path.GetFileName(runtime));

    /// <summary>The empty folder that crun binds over masked folders.</summary>
    public string RuntimeEmptyFolder(string runtime) => GetEmptyFolder(RuntimeRoot(runtime));

    /// <summary>As above, of a runtime's <c>--root</c>.</summary>
    internal static string GetEmptyFolder(string runtimeRoot) => Path.Combine(runtimeRoot, ".empty-directory");

    /// <summary>
    /// The record of a container that was restored into another engine's bundle, by the state of that engine's runtime (its
    /// <c>--root</c>) and the container's ID.
    /// </summary>
    internal RestoredBundleLayout RestoredBundle(string runtimeRoot, string id) =>
        new(Path.Combine(RestoredBundles, EscapePath(runtimeRoot), id));

    /// <summary>All such records.</summary>
    internal IReadOnlyList<RestoredBundleLayout> ListRestoredBundles() => Directory.Exists(RestoredBundles)
        ? [.. Directory.EnumerateDirectories(RestoredBundles).SelectMany(Directory.EnumerateDirectories)
            .Select(folder => new RestoredBundleLayout(folder))]
        : [];

    /// <summary>The lock of who restores into that bundle.</summary>
    internal string RestoredBundleLock(string runtimeRoot, string id) => Path.Combine(Locks, $"bundle-{EscapePath(runtimeRoot)}-{id}");

    /// <summary>The lock of who checkpoints another engine's container, by its ID there.</summary>
    internal string ExternalLock(string id) => Path.Combine(Locks, "external-" + id);

    /// <summary>
    /// The mark of a folder that gets the content of a checkpoint's volume. It outlives the process that fills the folder, if that is
    /// killed.
    /// </summary>
    internal string UnfinishedVolume(FileIdentity folder) => Path.Combine(Root, "unfinished-volumes", folder.ToString());

    /// <summary>The lock of who fills it.</summary>
    internal string VolumeLock(FileIdentity folder) => Path.Combine(Locks, $"volume-{folder}");

    private string RestoredBundles => Path.Combine(RunRoot, "restored-bundles");

    // As a file name.
    private static string EscapePath(string path) =>
        path.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal);

    /// <summary>Where a runtime keeps what it knows of a container.</summary>
    public string RuntimeState(string runtime, string container) => Path.Combine(RuntimeRoot(runtime), container);
}
