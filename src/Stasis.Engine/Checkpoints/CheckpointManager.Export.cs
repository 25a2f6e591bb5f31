using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>Writes an archive of a checkpoint in the store, which Podman restores as well.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="target">Path, or "-" for standard output.</param>
    /// <param name="compression">How the archive is compressed.</param>
    /// <param name="encrypt">Whom it is encrypted to, as <see cref="CheckpointOptions.Encrypt"/>; null for nobody.</param>
    /// <param name="progress">Told how far writing has come.</param>
    /// <param name="cancellationToken">If cancelled, there is no archive.</param>
    /// <exception cref="NotFoundException">The checkpoint was removed meanwhile.</exception>
    public async Task ExportAsync(
        StoredCheckpoint checkpoint,
        string target,
        CompressionFormat compression = CompressionFormat.Zstd,
        IReadOnlyList<string>? encrypt = null,
        IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        CheckpointStore.RequireKept(checkpoint);
        using var held = await CheckpointLease.AcquireAsync(
            _engine, checkpoint.Id, $"checkpoint {checkpoint.Id[..12]}", cancellationToken);
        await _engine.CheckpointStore.RequireCompleteAsync(checkpoint.Id, cancellationToken);
        using var archive = ArchiveWriter.Create(target, compression, AgeKeyFiles.ReadRecipients(encrypt ?? []));
        held.Folder.AddTo(archive);
        await Task.Run(() => archive.Write(Report, cancellationToken), cancellationToken);
        // An archive made of what wasn't written here isn't this host's own either.
        if (ExistingCheckpoint.WasWrittenHere(_engine, _engine.CheckpointStore.FindById(checkpoint.Id) ?? checkpoint))
            LocalArchiveRecorder.Add(_engine.LocalArchives, archive);
        await LocalArchiveRecorder.CommitAsync(_engine.LocalArchives, archive);

        void Report((long Done, long Total) written) =>
            progress?.Report(new OperationProgress("writing archive", written.Done, written.Total));
    }
}
