using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Policy;

namespace Stasis.Engine.Vetting;

/// <summary>The gate that every import passes after its archive is unpacked and parsed, and before anything is created.</summary>
internal static class ArchiveVetting
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
    /// <exception cref="ImportRefusedException">The archive asks for more. The exception lists everything that is refused.</exception>
    public static void Require(
        StasisEngine engine,
        ReplacedValues replaced,
        ImportPolicy policy,
        CheckpointFolder checkpoint,
        ContainerConfig config,
        OciSpec spec,
        string archive)
    {
        if (!Defences.Vetting)
            return;
        var findings = Collect(engine, replaced, checkpoint, config, spec, archive);
        var refused = findings.Where(finding => finding.Severity == Severity.Refused && !policy.Permits(finding)).ToList();
        if (refused.Count > 0)
            throw new ImportRefusedException(archive, refused);
        foreach (var warning in findings.Where(finding => finding.Severity == Severity.Warning))
            engine.Warn($"archive {archive}: {warning.Where}: {warning.Value}: {warning.Message}");
    }

    /// <summary>
    /// Finds everything that an archive asks for, and everything wrong with its images, whether allowed or not. The caller has checked the
    /// dumps with <see cref="DumpJsonValidator"/>.
    /// </summary>
    public static IReadOnlyList<Finding> Collect(
        StasisEngine engine,
        ReplacedValues replaced,
        CheckpointFolder checkpoint,
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
            Seccomp = CreateSeccomp.ReadDefault(),
            HasImage = image => engine.Images.Find(image) is not null,
        };
        return [.. PolicyRules.Check(subject), .. ImageVerifier.Verify(checkpoint, config, spec, archive)];
    }
}
