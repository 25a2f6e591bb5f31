using Stasis.Engine.Archive;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Engine.Vetting.Images.Tasks;

namespace Stasis.Engine.Vetting.Images;

/// <summary>
/// Reads CRIU's images before CRIU does, and compares the processes that CRIU would create from them with
/// what the container's spec allows. Images decide who a process is, what it may do and what it holds, and
/// CRIU, which runs as root, believes them. Memory pages and file contents aren't read.
/// docs/image-verifier.md lists the rules.
/// </summary>
internal static class ImageVerifier
{
    /// <summary>All checks, in the order in which they run: form, then processes, mounts and files, then what is said of those.</summary>
    public static IReadOnlyList<ImageCheck> Checks { get; } =
    [
        .. ((ImageCheck[])
            [
                .. FormImageCheckList.Checks, .. TaskImageCheckList.Checks,
                .. NamespaceImageCheckList.Checks, .. FileImageCheckList.Checks,
            ])
            .OrderBy(check => check.Order),
    ];

    /// <summary>Finds all that is wrong, or out of the ordinary, with a checkpoint's images.</summary>
    /// <param name="checkpoint">The unpacked checkpoint.</param>
    /// <param name="config">The container's configuration, from config.dump.</param>
    /// <param name="spec">The container's spec, from spec.dump, which says what its processes are allowed.</param>
    /// <param name="archive">The archive's name in messages.</param>
    /// <returns>The findings, and what else the checks have learnt of the images.</returns>
    public static ImageVerification Verify(CheckpointEntryPaths checkpoint, ContainerConfig config, OciSpec spec, string archive)
    {
        var parent = Directory.Exists(checkpoint.PreImages)
            ? new ImageDirectory(new DirectoryImageFileSource(checkpoint.PreImages), ArchiveEntryNames.PreCheckpoint)
            : null;
        var images = new ImageDirectory(new DirectoryImageFileSource(checkpoint.Images), ArchiveEntryNames.Checkpoint) { Parent = parent };
        return Verify(images, config, spec, archive);
    }

    /// <summary>As above, for images that need not be in a checkpoint's folder.</summary>
    internal static ImageVerification Verify(ImageDirectory images, ContainerConfig config, OciSpec spec, string archive)
    {
        var verification = new ImageVerification(images, new SpecAllowances(spec, config));
        if (!images.Has(ImageKind.Get("inventory").TheFile))
            verification.Refuse(
                WellFormedImageRule.FormatRule,
                archive,
                ArchiveEntryNames.Inventory,
                "it has no CRIU images, or not all of them");
        foreach (var check in Checks)
        {
            if (check.Run is { } run)
                verification.Try(run);
        }
        return verification;
    }
}
