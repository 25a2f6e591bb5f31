namespace Stasis.Engine.Archive;

/// <summary>
/// Every entry of a checkpoint archive, in one place. Names are Podman's (checkpointctl lib/metadata.go, libpod
/// container_internal_common.go of Podman 5.8); Podman writes them relative, without a leading "./".
/// </summary>
internal static class ArchiveEntryNames
{
    /// <summary>The container's configuration: <see cref="Stasis.Engine.Model.ContainerConfig"/> as JSON.</summary>
    public const string ConfigDump = "config.dump";

    /// <summary>The complete OCI spec that the runtime was given, as JSON.</summary>
    public const string SpecDump = "spec.dump";

    /// <summary>The container's addresses, by network name, as JSON.</summary>
    public const string NetworkStatus = "network.status";

    /// <summary>The folder with CRIU's images.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>The folder with CRIU's images of an earlier pre-checkpoint.</summary>
    public const string PreCheckpoint = "pre-checkpoint";

    /// <summary>
    /// A symbolic link from CRIU's images to their parent images. It is created to lead to
    /// <see cref="PreCheckpoint"/>, whatever an archive says.
    /// </summary>
    public const string Parent = "checkpoint/parent";

    /// <summary>CRIU's statistics of the dump.</summary>
    public const string StatsDump = "stats-dump";

    /// <summary>CRIU's log of the dump.</summary>
    public const string DumpLog = "dump.log";

    /// <summary>The container's output so far, in conmon's k8s-file format.</summary>
    public const string Log = "ctr.log";

    /// <summary>Files that the container added or changed, a tar relative to its root.</summary>
    public const string RootfsDiff = "rootfs-diff.tar";

    /// <summary>Paths that the container deleted, a JSON array; absolute within its root.</summary>
    public const string DeletedFiles = "deleted.files";

    /// <summary>
    /// Deleted paths that JSON can't express, or that are symbolic links; each followed by a zero byte.
    /// Podman doesn't know this entry.
    /// </summary>
    public const string DeletedNames = "stasis.deleted";

    /// <summary>
    /// What programs changed in /etc/hosts, /etc/hostname and /etc/resolv.conf, a JSON object with a text for each. Podman doesn't know
    /// this entry.
    /// </summary>
    public const string EtcChanges = "stasis.etc";

    /// <summary>Content of /dev/shm, a tar.</summary>
    public const string DevShm = "devshm-checkpoint.tar";

    /// <summary>The folder with the contents of named volumes, one tar each.</summary>
    public const string Volumes = "volumes";

    /// <summary>The folder for files of Podman's hooks and plug-ins.</summary>
    public const string Artifacts = "artifacts";

    /// <summary>CRIU's image that every complete dump has.</summary>
    public const string Inventory = "checkpoint/inventory.img";

    // containerd's name of it, in the same format (Kubernetes' CRI log).
    private const string CriLog = "container.log";

    private static readonly string[] Files =
    [
        ConfigDump, SpecDump, NetworkStatus, StatsDump, DumpLog, Log, RootfsDiff, DeletedFiles, DeletedNames, EtcChanges, DevShm,
    ];

    // What containerd and CRI-O know of their own container. It is kept, and not read.
    private static readonly string[] EngineFiles = ["status", "status.dump", "bind.mounts", "io.kubernetes.cri-o.LogPath"];
    private static readonly string[] Folders = [Checkpoint, PreCheckpoint, Volumes, Artifacts];

    /// <summary>The path of an entry in the folder that its archive was unpacked to.</summary>
    public static string PathIn(string folder, string entry) => Path.Combine(folder, entry);

    /// <summary>Podman's name of an entry that has another one in archives of other engines.</summary>
    public static string ToPodmans(string name) => name == CriLog ? Log : name;

    /// <summary>The entry with a volume's content.</summary>
    public static string Volume(string name) => $"{Volumes}/{name}.tar";

    /// <summary>Whether an archive may have a file of that name.</summary>
    public static bool IsFile(string name)
    {
        if (Files.Contains(name) || EngineFiles.Contains(name))
            return true;
        return name.Split('/') is [var folder, _, ..] parts && parts.All(IsName) && folder switch
        {
            Checkpoint or PreCheckpoint => parts is [_, not "parent"],
            Volumes => parts is [_, _] && name.EndsWith(".tar", StringComparison.Ordinal),
            _ => folder == Artifacts,
        };
    }

    /// <summary>Whether a file is one of CRIU's with memory pages alone in it (pages-N.img).</summary>
    public static bool IsPages(string name) => name.StartsWith($"{Checkpoint}/pages-", StringComparison.Ordinal)
        && name.EndsWith(".img", StringComparison.Ordinal) && IsFile(name);

    /// <summary>Whether an archive may have a folder of that name.</summary>
    public static bool IsFolder(string name) =>
        Folders.Contains(name) || (name.Split('/') is [Artifacts, _, ..] parts && parts.All(IsName));

    private static bool IsName(string part) => part is not ("" or "." or "..");
}
