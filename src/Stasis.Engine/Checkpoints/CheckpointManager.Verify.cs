using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>
    /// Vets an archive as a restore does before it makes anything, and restores nothing: finds what the archive asks for, and what is
    /// wrong with its images. What <see cref="ArchiveTrustOptions.Allow"/> or the import policy allows has
    /// <see cref="Severity.Allowed"/>, as has everything in an archive that was written on this host and is unchanged.
    /// </summary>
    /// <param name="archive">The archive.</param>
    /// <param name="trust">How it is read, and what it may ask for; null for defaults.</param>
    /// <param name="progress">Told how far reading has come.</param>
    /// <param name="cancellationToken">If cancelled, everything made so far is removed.</param>
    /// <exception cref="ArchiveException">
    /// The archive can't be read or decrypted, isn't signed as required, or isn't a container's checkpoint.
    /// </exception>
    public async Task<IReadOnlyList<Finding>> VerifyAsync(
        CheckpointSource.Archive archive,
        ArchiveTrustOptions? trust = null,
        IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        trust ??= new ArchiveTrustOptions();
        var policy = ImportPermissions.Load(trust.Allow, trust.Policy);
        var access = ArchiveKeyLoader.Read(archive, trust, policy);
        using var staging = StagingFolder.Create(_engine.Layout);
        var checkpoint = new CheckpointEntryPaths(staging.Path);
        return await Task.Run(
            () =>
            {
                var unpacked = Unpack(archive, access, checkpoint, progress, cancellationToken);
                return Vet(archive.DisplayName, trust, policy, checkpoint, unpacked);
            },
            cancellationToken);
    }

    private static UnpackedArchive Unpack(
        CheckpointSource.Archive archive,
        ArchiveReadSettings access,
        CheckpointEntryPaths checkpoint,
        IProgress<OperationProgress>? progress,
        CancellationToken cancellation)
    {
        return archive is CheckpointSource.ArchiveStream(var content)
            ? ArchiveUnpacker.Unpack(archive.DisplayName, content, access, checkpoint.Path, Report, cancellation)
            : ArchiveUnpacker.Unpack(archive.DisplayName, access, checkpoint.Path, Report, cancellation);

        void Report((long Done, long? Total) read) => progress?.Report(new OperationProgress("reading archive", read.Done, read.Total));
    }

    private List<Finding> Vet(
        string title, ArchiveTrustOptions trust, ImportPermissions policy, CheckpointEntryPaths checkpoint, UnpackedArchive unpacked)
    {
        var (config, spec) = DumpedContainer.Read(checkpoint, title);
        var isOwn = _engine.LocalArchives.Contains(unpacked.Digest);
        List<Finding> findings = [.. CheckpointVetting.Collect(_engine, default, checkpoint, config, spec, title).Select(Allow)];
        if (isOwn)
        {
            const string Message = "it was written on this host, and is unchanged: here it needs no flag for what its container had";
            findings.Add(new Finding("own-archive", Severity.Info, title, unpacked.Digest, Message, null));
        }
        if (unpacked.Signed is { } signed)
            findings.Add(new Finding("signature", Severity.Info, signed.File, signed.Key.Fingerprint, $"signed by {signed.Signer}", null));
        return findings;

        Finding Allow(Finding finding) => finding.Severity == Severity.Refused && (isOwn || policy.Permits(finding))
            ? finding with { Severity = Severity.Allowed }
            : finding;
    }
}
