using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// A container's memory, written while it runs on (CRIU's pre-dump). A checkpoint made afterwards with it holds only what has changed since: its images have a link
/// "parent" to those of the pre-checkpoint, which lie beside them (Podman's layout; libpod: CheckpointContainer).
/// </summary>
internal static class PreCheckpoint
{
    /// <summary>From the checkpoint's images to those of the pre-checkpoint.</summary>
    public const string Parent = "../" + ArchiveEntryNames.PreCheckpoint;

    /// <summary>Refuses what can't be, before anything is touched.</summary>
    /// <exception cref="StasisException">The options exclude each other, the kernel can't track memory, or there is no pre-checkpoint.</exception>
    public static void Require(CheckpointOptions options, ContainerLayout paths)
    {
        if (options is { PreCheckpoint: true, WithPrevious: true })
            throw new StasisException("--with-previous can not be used with --pre-checkpoint");
        if (options is { PreCheckpoint: true, CreateImage: not null })
            throw new StasisException("--create-image can not be used with --pre-checkpoint: the image would hold no checkpoint");
        if (!options.PreCheckpoint && !options.WithPrevious)
            return;
        if (!KernelFeatures.HasSoftDirty())
            throw new StasisException("this kernel can't track which memory changes (CONFIG_MEM_SOFT_DIRTY), without which there are no pre-checkpoints")
            {
                Remedy = "checkpoint without --pre-checkpoint and --with-previous, or use a kernel that can",
            };
        if (options.WithPrevious && !Directory.Exists(paths.PreCheckpoint))
            throw new StasisException("there is no pre-checkpoint of the container since it was started") { Remedy = "make one first: stasis container checkpoint --pre-checkpoint, or leave out --with-previous" };
    }

    /// <summary>Puts the container's pre-checkpoint beside a dump that is to build on it; its files are linked, which costs nothing.</summary>
    public static void LinkInto(CheckpointFolder dump, ContainerLayout paths)
    {
        Directory.CreateDirectory(dump.PreImages, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in Directory.GetFiles(paths.PreCheckpoint))
            FileTree.Link(file, Path.Combine(dump.PreImages, Path.GetFileName(file)));
    }

    /// <summary>Makes the checkpoint's link to the pre-checkpoint. CRIU's own may be absolute (its issue 116).</summary>
    public static void MakeParentLink(CheckpointFolder checkpoint)
    {
        File.Delete(checkpoint.ParentLink);
        File.CreateSymbolicLink(checkpoint.ParentLink, Parent);
    }

    /// <summary>Takes the pre-checkpoint out of an archive of its own and puts it beside the checkpoint.</summary>
    /// <exception cref="ArchiveException">It has none, or is of another container.</exception>
    /// <returns>The digest of the archive.</returns>
    public static string Import(StasisEngine engine, string archive, ArchiveAccess access, CheckpointFolder checkpoint, CancellationToken cancellation)
    {
        using var staging = StagingFolder.Create(engine.Layout);
        var previous = new CheckpointFolder(staging.Path);
        var digest = ArchiveReader.Unpack(archive, access, staging.Path, _ => { }, cancellation).Digest;
        if (!Directory.Exists(previous.PreImages))
            throw new ArchiveException(archive, ArchiveEntryNames.PreCheckpoint, "it is missing: not a pre-checkpoint's archive") { Remedy = "stasis container checkpoint --pre-checkpoint --export FILE writes one" };
        if (File.Exists(previous.ConfigDump) && IdIn(archive, previous) is var id && IdIn(archive, checkpoint) is var wanted && id != wanted)
            throw new ArchiveException(archive, ArchiveEntryNames.ConfigDump, $"it is a pre-checkpoint of container {id}, not of {wanted}");
        FileTree.Remove(checkpoint.PreImages);
        Directory.Move(previous.PreImages, checkpoint.PreImages);
        return digest;
    }

    /// <summary>Requires that what the checkpoint builds on is there.</summary>
    /// <exception cref="ArchiveException">It isn't.</exception>
    public static void RequireComplete(CheckpointFolder checkpoint, string archive)
    {
        var (whole, parent) = (File.Exists(checkpoint.Inventory), Directory.Exists(checkpoint.PreImages));
        if (!whole)
            throw new ArchiveException(archive, ArchiveEntryNames.Inventory, "it is missing: the checkpoint is not complete")
            {
                Remedy = parent ? "this is a pre-checkpoint: give it with --import-previous, and with --import the checkpoint that was made after it" : null,
            };
        if (!parent && FileStatus.TryRead(checkpoint.ParentLink) is not null)
            throw new ArchiveException(archive, ArchiveEntryNames.PreCheckpoint, "it is missing: the checkpoint was made with --with-previous and holds only what changed since its pre-checkpoint")
            {
                Remedy = "add --import-previous FILE, the archive of that pre-checkpoint",
            };
    }

    private static string IdIn(string archive, CheckpointFolder folder) =>
        ArchiveReader.ReadJson(archive, folder.Path, ArchiveEntryNames.ConfigDump, EngineJson.Default.ContainerConfig).Id;
}
