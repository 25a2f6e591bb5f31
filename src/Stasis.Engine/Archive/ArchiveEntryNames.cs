namespace Stasis.Engine.Archive;

/// <summary>
/// Every entry of a checkpoint archive, in one place. Names are Podman's (checkpointctl lib/metadata.go, libpod
/// container_internal_common.go of Podman 5.8); Podman writes them relative, without a leading "./".
/// </summary>
internal static class ArchiveEntryNames
{
    /// <summary>What the container was asked to be: <see cref="Stasis.Engine.Model.ContainerConfig"/> as JSON.</summary>
    public const string ConfigDump = "config.dump";

    /// <summary>The complete OCI spec that its runtime was given, as JSON.</summary>
    public const string SpecDump = "spec.dump";

    /// <summary>Addresses it had, by network name, as JSON.</summary>
    public const string NetworkStatus = "network.status";

    /// <summary>CRIU's images, a folder.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>CRIU's images of an earlier pre-checkpoint, a folder.</summary>
    public const string PreCheckpoint = "pre-checkpoint";

    /// <summary>A symbolic link from CRIU's images to those that they build on; it leads to <see cref="PreCheckpoint"/>, whatever an archive says.</summary>
    public const string Parent = "checkpoint/parent";

    /// <summary>CRIU's statistics of the dump.</summary>
    public const string StatsDump = "stats-dump";

    /// <summary>CRIU's log of the dump.</summary>
    public const string DumpLog = "dump.log";

    /// <summary>The container's output so far, in conmon's k8s-file format.</summary>
    public const string Log = "ctr.log";

    /// <summary>Files that the container added or changed, a tar relative to its root.</summary>
    public const string RootfsDiff = "rootfs-diff.tar";

    /// <summary>Paths that it deleted, a JSON array; absolute within its root.</summary>
    public const string DeletedFiles = "deleted.files";

    /// <summary>Paths that it deleted whose names JSON can't say, or which are symbolic links; each with a zero byte after it. Not Podman's.</summary>
    public const string DeletedNames = "stasis.deleted";

    /// <summary>Content of /dev/shm, a tar.</summary>
    public const string DevShm = "devshm-checkpoint.tar";

    /// <summary>Contents of named volumes, a folder with a tar for each.</summary>
    public const string Volumes = "volumes";

    /// <summary>What Podman's hooks and plug-ins may leave, a folder.</summary>
    public const string Artifacts = "artifacts";

    /// <summary>CRIU's image that every complete dump has.</summary>
    public const string Inventory = "checkpoint/inventory.img";

    private static readonly string[] Files = [ConfigDump, SpecDump, NetworkStatus, StatsDump, DumpLog, Log, RootfsDiff, DeletedFiles, DeletedNames, DevShm];
    private static readonly string[] Folders = [Checkpoint, PreCheckpoint, Volumes, Artifacts];

    /// <summary>The volume's tar.</summary>
    public static string Volume(string name) => $"{Volumes}/{name}.tar";

    /// <summary>Whether an archive may have a file of that name.</summary>
    public static bool IsFile(string name) => Files.Contains(name) || (name.Split('/') is [var folder, _, ..] parts && parts.All(IsName) && folder switch
    {
        Checkpoint or PreCheckpoint => parts is [_, not "parent"],
        Volumes => parts is [_, _] && name.EndsWith(".tar", StringComparison.Ordinal),
        _ => folder == Artifacts,
    });

    /// <summary>Whether a file is one of CRIU's with memory pages alone in it (pages-N.img).</summary>
    public static bool IsPages(string name) => name.StartsWith($"{Checkpoint}/pages-", StringComparison.Ordinal) && name.EndsWith(".img", StringComparison.Ordinal) && IsFile(name);

    /// <summary>Whether an archive may have a folder of that name.</summary>
    public static bool IsFolder(string name) =>
        Folders.Contains(name) || (name.Split('/') is [Artifacts, _, ..] parts && parts.All(IsName));

    private static bool IsName(string part) => part is not ("" or "." or "..");
}
