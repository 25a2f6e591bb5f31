using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// A pre-checkpoint: a container's memory, written while the container runs on (CRIU's pre-dump). A later checkpoint that builds
/// on it holds only the memory that has changed since. The later images have a link "parent" to those of the pre-checkpoint,
/// which lie beside them (Podman's layout; libpod: CheckpointContainer).
/// </summary>
internal static class PreCheckpoint
{
    /// <summary>Target of the link from the checkpoint's images to those of the pre-checkpoint.</summary>
    public const string Parent = "../" + ArchiveEntryNames.PreCheckpoint;

    /// <summary>Requires options that don't exclude each other, and a kernel that can track memory if they ask for that.</summary>
    /// <exception cref="StasisException">They exclude each other, or the kernel can't.</exception>
    public static void RequireValid(CheckpointOptions options)
    {
        if (options is { PreCheckpoint: true, WithPrevious: true })
            throw new StasisException("--with-previous can not be used with --pre-checkpoint");
        if (options is { PreCheckpoint: true, CreateImage: not null })
            throw new StasisException("--create-image can not be used with --pre-checkpoint: the image would hold no checkpoint");
        if ((options.PreCheckpoint || options.WithPrevious) && !KernelFeatures.HasSoftDirty())
        {
            throw new StasisException(
                "this kernel can't track which memory changes (CONFIG_MEM_SOFT_DIRTY), without which there are no pre-checkpoints")
            {
                Remedy = "checkpoint without --pre-checkpoint and --with-previous, or use a kernel that can",
            };
        }
    }

    /// <summary>Requires that the container has the pre-checkpoint to build on.</summary>
    /// <exception cref="StasisException">There is none.</exception>
    public static void RequirePossible(CheckpointOptions options, ContainerLayout paths)
    {
        if (options.WithPrevious && !Directory.Exists(paths.PreCheckpoint))
        {
            throw new StasisException("there is no pre-checkpoint of the container since it was started")
            {
                Remedy = "make one first: stasis container checkpoint --pre-checkpoint CONTAINER, or leave out --with-previous",
            };
        }
    }

    /// <summary>Hard-links the container's pre-checkpoint into a dump that is to build on it.</summary>
    public static void LinkInto(CheckpointEntryPaths dump, ContainerLayout paths)
    {
        PrivateDirectory.Create(dump.PreImages);
        FileTree.LinkFiles(paths.PreCheckpoint, dump.PreImages);
    }

    /// <summary>
    /// Syncs a finished pre-checkpoint to disk, and keeps it for the next checkpoint of the container in place of the one before.
    /// </summary>
    public static void Keep(CheckpointEntryPaths dump, ContainerLayout paths)
    {
        FileSync.SyncTree(dump.PreImages);
        FileTree.Remove(paths.PreCheckpoint);
        Directory.Move(dump.PreImages, paths.PreCheckpoint);
    }

    /// <summary>Replaces the checkpoint's link to the pre-checkpoint: CRIU's own may be absolute (CRIU issue 116).</summary>
    public static void MakeParentLink(CheckpointEntryPaths checkpoint)
    {
        File.Delete(checkpoint.ParentLink);
        File.CreateSymbolicLink(checkpoint.ParentLink, Parent);
    }

    /// <summary>Unpacks the archive of a pre-checkpoint, and moves the pre-checkpoint beside a checkpoint.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="archive">Path of the archive.</param>
    /// <param name="access">How the archive is decrypted and limited.</param>
    /// <param name="checkpoint">The checkpoint that builds on the pre-checkpoint.</param>
    /// <param name="cancellation">A cancelled call leaves the checkpoint as it was.</param>
    /// <exception cref="ArchiveException">The archive has no pre-checkpoint, or is of another container.</exception>
    /// <returns>The digest of the archive.</returns>
    public static string Import(
        StasisEngine engine, string archive, ArchiveReadSettings access, CheckpointEntryPaths checkpoint, CancellationToken cancellation)
    {
        using var staging = StagingFolder.Create(engine.Layout);
        var previous = new CheckpointEntryPaths(staging.Path);
        var digest = ArchiveUnpacker.Unpack(archive, access, staging.Path, _ => { }, cancellation).Digest;
        if (!Directory.Exists(previous.PreImages))
        {
            throw new ArchiveException(archive, ArchiveEntryNames.PreCheckpoint, "it is missing: not a pre-checkpoint's archive")
            {
                Remedy = "stasis container checkpoint --pre-checkpoint --export FILE CONTAINER writes one",
            };
        }
        if (File.Exists(previous.ConfigDump)
            && ReadId(archive, previous) is var id && ReadId(archive, checkpoint) is var wanted && id != wanted)
        {
            throw new ArchiveException(
                archive, ArchiveEntryNames.ConfigDump, $"it is a pre-checkpoint of container {id}, not of {wanted}");
        }
        FileTree.Remove(checkpoint.PreImages);
        Directory.Move(previous.PreImages, checkpoint.PreImages);
        return digest;
    }

    /// <summary>Requires complete images, and the pre-checkpoint that they build on.</summary>
    /// <exception cref="ArchiveException">One of them is missing.</exception>
    public static void RequireComplete(CheckpointEntryPaths checkpoint, string archive)
    {
        var (isComplete, hasParent) = (File.Exists(checkpoint.Inventory), Directory.Exists(checkpoint.PreImages));
        if (!isComplete)
        {
            throw new ArchiveException(archive, ArchiveEntryNames.Inventory, "it is missing: the checkpoint is not complete")
            {
                Remedy = hasParent
                    ? "this is a pre-checkpoint: give it with --import-previous, and with --import the checkpoint that was made after it"
                    : null,
            };
        }
        if (!hasParent && FileStatus.TryRead(checkpoint.ParentLink) is not null)
        {
            throw new ArchiveException(
                archive,
                ArchiveEntryNames.PreCheckpoint,
                "it is missing: the checkpoint was made with --with-previous and holds only what changed since its pre-checkpoint")
            {
                Remedy = "add --import-previous FILE, the archive of that pre-checkpoint",
            };
        }
    }

    private static string ReadId(string archive, CheckpointEntryPaths folder) =>
        ArchiveUnpacker.ReadJson(archive, folder.Path, ArchiveEntryNames.ConfigDump, EngineJson.Default.ContainerConfig).Id;
}
