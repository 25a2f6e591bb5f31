using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>All that a restore of an archive would look at before it made anything, and nothing of the restore: what the archive asks for, and what is wrong with its images.
    /// What <see cref="RestoreOptions.Allow"/> or the import policy allows has <see cref="Severity.Allowed"/>, as has all of an archive that was written on this host and is unchanged.</summary>
    /// <param name="options">What a restore would be asked for, with <see cref="RestoreOptions.Import"/>.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <exception cref="ArchiveException">It can't be read or decrypted, isn't signed as it must be, or isn't a container's checkpoint.</exception>
    public async Task<IReadOnlyList<Finding>> VerifyAsync(RestoreOptions options, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        AllowList.Require(options);
        using var staging = StagingFolder.Create(_engine.Layout);
        return await Task.Run(() => Verify(options, new CheckpointFolder(staging.Path), progress, cancellation), cancellation);
    }

    private IReadOnlyList<Finding> Verify(RestoreOptions options, CheckpointFolder checkpoint, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        var archive = options.Import ?? throw new StasisException("no archive was named");
        var unpacked = ArchiveReader.Unpack(archive, ImportAccess.FromOptions(options), checkpoint.Path, read => progress?.Report(new CheckpointProgress("reading archive", read.Done, read.Total)), cancellation);
        var config = ArchiveReader.ReadJson(archive, checkpoint.Path, ArchiveEntryNames.ConfigDump, EngineJson.Default.ContainerConfig);
        var spec = ArchiveReader.ReadJson(archive, checkpoint.Path, ArchiveEntryNames.SpecDump, EngineJson.Default.OciSpec);
        DumpJsonValidator.Require(config, spec, archive);
        var findings = ArchiveVetting.Collect(_engine, options, checkpoint, config, spec, archive);
        var policy = ImportPolicy.Load(options.Allow, options.Policy);
        var isOwn = _engine.OwnArchives.Contains(unpacked.Digest);
        findings = [.. findings.Select(finding => finding.Severity == Severity.Refused && (isOwn || policy.Permits(finding)) ? finding with { Severity = Severity.Allowed } : finding)];
        if (isOwn)
            findings = [.. findings, new Finding("own-archive", Severity.Info, archive, unpacked.Digest, "it was written on this host, and is unchanged: here it needs no flag for what its container had", null)];
        return unpacked.Signed is { } signed ? [.. findings, new Finding("signature", Severity.Info, signed.File, signed.Key.Fingerprint, $"signed by {signed.Signer}", null)] : findings;
    }
}
