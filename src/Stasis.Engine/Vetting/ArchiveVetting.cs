using Stasis.Engine.Checkpoints;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Policy;

namespace Stasis.Engine.Vetting;

/// <summary>What every import goes through, after its archive is unpacked and parsed, and before anything is created.</summary>
internal static class ArchiveVetting
{
    /// <summary>Refuses an archive that asks for more than is allowed: by <c>--allow</c>, by the site's policy, or because this Stasis wrote exactly this archive on this host.</summary>
    /// <param name="engine">Where it is to be imported.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="checkpoint">The unpacked archive.</param>
    /// <param name="config">Its config.dump, which is well-formed.</param>
    /// <param name="spec">Its spec.dump, likewise.</param>
    /// <param name="archive">What to call it in messages.</param>
    /// <param name="isOwn">Every byte of it is as this Stasis wrote it.</param>
    /// <exception cref="ImportRefusedException">It does; all that is refused is listed.</exception>
    public static void Require(StasisEngine engine, RestoreOptions options, CheckpointFolder checkpoint, ContainerConfig config, OciSpec spec, string archive, bool isOwn)
    {
        // What can't be read is to be said even if nothing asks for it.
        var allowed = new AllowList(options.Allow, "--allow");
        var site = PolicyFile.Load(options.Policy).AllowList(options.Policy ?? PolicyFile.DefaultPath);
        if (isOwn)
            return;
        var findings = Collect(engine, options, checkpoint, config, spec, archive);
        var refused = findings.Where(finding => finding.Severity == Severity.Refused && !allowed.Permits(finding) && !site.Permits(finding)).ToList();
        if (refused.Count > 0)
            throw new ImportRefusedException(archive, refused);
        foreach (var warning in findings.Where(finding => finding.Severity == Severity.Warning))
            engine.Warn($"archive {archive}: {warning.Where}: {warning.Value}: {warning.Message}");
    }

    /// <summary>All that is found, allowed or not: in what the archive asks for, and in CRIU's images.</summary>
    /// <exception cref="ArchiveException">Its JSON has a null where it can't be.</exception>
    public static IReadOnlyList<Finding> Collect(StasisEngine engine, RestoreOptions options, CheckpointFolder checkpoint, ContainerConfig config, OciSpec spec, string archive)
    {
        DumpJsonValidator.Require(config, spec, archive);
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
