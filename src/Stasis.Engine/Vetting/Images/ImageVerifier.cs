using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Model;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Engine.Vetting.Images.Tasks;

namespace Stasis.Engine.Vetting.Images;

/// <summary>
/// Reads CRIU's images as CRIU would, before it does, and compares what processes they would make with what the container's spec allows. Images decide who a process is, what
/// it may do and what it holds, and CRIU, which is root, believes them. One rule, one file; docs/import-policy.md lists them. Pages of memory and contents of files are not read.
/// </summary>
internal static class ImageVerifier
{
    // In the order that later ones build on: names and forms first, then what tasks, mounts and files there are, then what is said of them.
    private static readonly Action<ImageVerification>[] Rules =
    [
        FolderImageRule.Check, InventoryImageRule.Check, ProcessTreeImageRule.Check, TaskFilesImageRule.Check, NamespaceImageRule.Check, MountImageRule.Check, MaskedPathImageRule.Check, CgroupImageRule.Check, FileImageRule.Check,
        DescriptorImageRule.Check, DeletedFileImageRule.Check, CredentialsImageRule.Check, SeccompImageRule.Check, LimitImageRule.Check, TimerImageRule.Check, MappingImageRule.Check, PagesImageRule.Check, IpcImageRule.Check,
        TerminalImageRule.Check, LockImageRule.Check, StdioImageRule.Check, TmpfsImageRule.Check,
    ];

    /// <summary>All that is wrong, or out of the ordinary, with a checkpoint's images.</summary>
    /// <param name="checkpoint">The unpacked checkpoint.</param>
    /// <param name="config">Its container, as config.dump has it.</param>
    /// <param name="spec">Its spec, as spec.dump has it: what the container was given.</param>
    /// <param name="archive">What the checkpoint is called in messages.</param>
    public static IReadOnlyList<Finding> Verify(CheckpointFolder checkpoint, ContainerConfig config, OciSpec spec, string archive)
    {
        var parent = Directory.Exists(checkpoint.PreImages) ? new ImageDirectory(new DirectoryImageFileSource(checkpoint.PreImages), ArchiveEntryNames.PreCheckpoint) : null;
        return Verify(new ImageDirectory(new DirectoryImageFileSource(checkpoint.Images), ArchiveEntryNames.Checkpoint) { Parent = parent }, config, spec, archive);
    }

    /// <summary>The same, of images that may lie elsewhere.</summary>
    internal static IReadOnlyList<Finding> Verify(ImageDirectory images, ContainerConfig config, OciSpec spec, string archive)
    {
        var verification = new ImageVerification(images, new SpecLimits(spec, config));
        if (!images.Has(ImageKind.Get("inventory").TheFile))
            verification.Refuse("image-format", archive, ArchiveEntryNames.Inventory, "it has no CRIU images, or not all of them");
        foreach (var rule in Rules)
            verification.Try(rule);
        return verification.Findings;
    }
}
