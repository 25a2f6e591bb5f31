using Stasis.Engine.Checkpoints;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Policy;

namespace Stasis.Engine.Vetting;

/// <summary>What every import goes through, after its archive is unpacked and parsed, and before anything is created.</summary>
internal static class ArchiveVetting
{
    /// <summary>
    /// Refuses an archive that asks for more than is allowed: by <c>--allow</c>, or by the site's policy. An archive that this Stasis
    /// wrote on this host isn't vetted.
    /// </summary>
    /// <param name="engine">Where it is to be imported.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="policy">What is allowed.</param>
    /// <param name="checkpoint">The unpacked archive.</param>
    /// <param name="config">Its config.dump, which is well-formed.</param>
    /// <param name="spec">Its spec.dump, likewise.</param>
    /// <param name="archive">What to call it in messages.</param>
    /// <exception cref="ImportRefusedException">It does; all that is refused is listed.</exception>
    public static void Require(
        StasisEngine engine,
        RestoreOptions options,
        ImportPolicy policy,
        CheckpointFolder checkpoint,
        ContainerConfig config,
        OciSpec spec,
        string archive)
    {
        var findings = Collect(engine, options, checkpoint, config, spec, archive);
        var refused = findings.Where(finding => finding.Severity == Severity.Refused && !policy.Permits(finding)).ToList();
        if (refused.Count > 0)
            throw new ImportRefusedException(archive, refused);
        foreach (var warning in findings.Where(finding => finding.Severity == Severity.Warning))
            engine.Options.Warn?.Invoke($"archive {archive}: {warning.Where}: {warning.Value}: {warning.Message}");
    }

    /// <summary>All that is found, allowed or not: in what the archive asks for, and in CRIU's images.</summary>
    public static IReadOnlyList<Finding> Collect(StasisEngine engine, RestoreOptions options, CheckpointFolder checkpoint, ContainerConfig config, OciSpec spec, string archive)
    {
        var asked = PolicyRules.Check(new VettingSubject
        {
            Config = config,
            Spec = spec,
            Checkpoint = checkpoint,
            Options = options,
            Host = HostFacts.Read(),
            Seccomp = CreateSeccomp.ReadDefault(),
            HasImage = image => engine.Images.Find(image) is not null,
        });
        return [.. asked, .. ImageVerifier.Verify(checkpoint, config, spec, archive)];
    }
}
