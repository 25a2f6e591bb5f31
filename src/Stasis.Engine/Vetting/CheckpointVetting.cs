using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Engine.Vetting.Paths;
using Stasis.Engine.Vetting.Policy;

namespace Stasis.Engine.Vetting;

/// <summary>The gate that every import passes after its archive is unpacked and parsed, and before anything is created.</summary>
internal static class CheckpointVetting
{
    /// <summary>
    /// Refuses an archive that asks for more than is allowed, and reports warnings. Archives that this Stasis wrote on this host
    /// aren't vetted.
    /// </summary>
    /// <param name="engine">The engine that imports the archive.</param>
    /// <param name="replaced">What the restore replaces of the archive.</param>
    /// <param name="policy">What is allowed.</param>
    /// <param name="checkpoint">The unpacked archive.</param>
    /// <param name="config">The archive's config.dump, which <see cref="DumpJsonValidator"/> has accepted.</param>
    /// <param name="spec">The archive's spec.dump, likewise.</param>
    /// <param name="archive">The archive's name in messages.</param>
    /// <returns>The paths of the images, for <see cref="RequirePaths"/>; null if nothing was vetted.</returns>
    /// <exception cref="ImportRefusedException">The archive asks for more. The exception lists everything that is refused.</exception>
    public static ImagePathList? Require(
        StasisEngine engine,
        ReplacedValues replaced,
        ImportPermissions policy,
        CheckpointEntryPaths checkpoint,
        ContainerConfig config,
        OciSpec spec,
        string archive)
    {
        if (!DefenceSwitches.Vetting)
            return null;
        var (findings, paths) = Examine(engine, replaced, checkpoint, config, spec, archive);
        RequireAllowed(findings, policy, archive);
        foreach (var warning in findings.Where(finding => finding.Severity == Severity.Warning))
            engine.Warn($"archive {archive}: {warning.Where}: {warning.Value}: {warning.Message}");
        return paths;
    }

    /// <summary>
    /// Refuses an archive whose images have paths that lead elsewhere than the kernel reported. Called once the root file system of the
    /// restored container is mounted, and before CRIU resolves them.
    /// </summary>
    /// <param name="policy">What is allowed.</param>
    /// <param name="paths">What <see cref="Require"/> has returned.</param>
    /// <param name="root">Where the root file system is mounted.</param>
    /// <param name="spec">The restored container's spec: sources of its mounts are this host's.</param>
    /// <param name="archive">The archive's name in messages.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <exception cref="ImportRefusedException">A path leads elsewhere. The exception lists everything that is refused.</exception>
    public static void RequirePaths(
        ImportPermissions policy, ImagePathList paths, string root, OciSpec spec, string archive, CancellationToken cancellation) =>
        RequireAllowed(RootfsPathCheck.Run(root, spec, paths, cancellation), policy, archive);

    /// <summary>
    /// Finds everything that an archive asks for, and everything wrong with its images, whether allowed or not. The caller has checked the
    /// dumps with <see cref="DumpJsonValidator"/>.
    /// </summary>
    /// <exception cref="ArchiveException">It takes too long.</exception>
    public static IReadOnlyList<Finding> Collect(
        StasisEngine engine,
        ReplacedValues replaced,
        CheckpointEntryPaths checkpoint,
        ContainerConfig config,
        OciSpec spec,
        string archive) =>
        Examine(engine, replaced, checkpoint, config, spec, archive).Findings;

    private static void RequireAllowed(IReadOnlyList<Finding> findings, ImportPermissions policy, string archive)
    {
        var refused = findings.Where(finding => finding.Severity == Severity.Refused && !policy.Permits(finding)).ToList();
        if (refused.Count > 0)
            throw new ImportRefusedException(archive, refused);
    }

    private static (IReadOnlyList<Finding> Findings, ImagePathList Paths) Examine(
        StasisEngine engine,
        ReplacedValues replaced,
        CheckpointEntryPaths checkpoint,
        ContainerConfig config,
        OciSpec spec,
        string archive)
    {
        var subject = new VettingSubject
        {
            Config = config,
            Spec = spec,
            Checkpoint = checkpoint,
            Replaced = replaced,
            Host = HostFacts.Read(),
            Seccomp = SeccompFilterBuilder.ReadDefault(),
            BeginsAnotherId = engine.ContainerStore.HasIdBeginningWith,
            HasImage = image => engine.Images.Find(image) is not null,
        };
        return VettingBudget.ForCheckpoint(checkpoint).Run(archive, Check);

        (IReadOnlyList<Finding>, ImagePathList) Check()
        {
            var images = ImageVerifier.Verify(checkpoint, config, spec, archive);
            return (VettingBudget.Limit([.. PolicyCheckRunner.Check(subject), .. images.Findings]), images.Paths);
        }
    }
}
