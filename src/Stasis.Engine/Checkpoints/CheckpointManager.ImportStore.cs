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
    /// <summary>
    /// Reads an archive into the store, to make containers from later. One that is there already is found, without being read if the file is the same. When this returns, it is on disk.
    /// </summary>
    /// <param name="options">The archive, <see cref="RestoreOptions.Import"/>, and what it takes to read it.</param>
    /// <param name="tag">The name that it gets, as <see cref="TagAsync"/> gives it; null for none, which only one that is encrypted must have.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <exception cref="ArchiveException">The archive can't be read, isn't signed as it has to be, or isn't what it claims.</exception>
    public async Task<StoredCheckpoint> ReadIntoStoreAsync(RestoreOptions options, string? tag, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        var archive = options.Import ?? throw new StasisException("no archive was named");
        if (tag is not null)
            RequireTag(tag);
        using var import = await StoreImport.OpenAsync(_engine, new CheckpointSource(archive), ImportAccess.FromOptions(options), ImportMode.Whole, progress, cancellation);
        var id = await import.StoreAsync(durable: true, cancellation);
        if (tag is not null)
            _engine.CheckpointStore.Tag(id, tag);
        var checkpoint = Get(id);
        if (checkpoint.IsKept)
            return checkpoint;
        // Nothing else would ever take it away.
        import.Dispose();
        _engine.CheckpointStore.Release(id, container: "");
        throw new ArchiveException(archive, null, "it is encrypted: what is read from it goes with its last name, and it was given none") { Remedy = "give it a name, after the file's; checkpoint rm with that name removes it again" };
    }

    /// <summary>Writes an archive of a checkpoint in the store, which Podman restores as well.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="target">Path, or "-" for standard output.</param>
    /// <param name="compression">How it is compressed.</param>
    /// <param name="encrypt">Whom it is encrypted to, as <see cref="CheckpointOptions.Encrypt"/>.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task ExportAsync(StoredCheckpoint checkpoint, string target, CompressionFormat compression, IReadOnlyList<string> encrypt, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        CheckpointStore.RequireKept(checkpoint);
        using var held = await _engine.CheckpointStore.AcquireAsync(checkpoint.Id, cancellation) ?? throw new NotFoundException($"checkpoint {checkpoint.Id[..12]} was removed from the store meanwhile");
        await _engine.CheckpointStore.RequireCompleteAsync(checkpoint.Id, cancellation);
        using var archive = ArchiveWriter.Create(target, compression, AgeKeyFiles.ReadRecipients(encrypt));
        var folder = new CheckpointFolder(_engine.Layout.Checkpoint(checkpoint.Id));
        folder.AddTo(archive);
        await Task.Run(() => archive.Write(bytes => progress?.Report(new CheckpointProgress("writing archive", bytes.Done, bytes.Total)), cancellation), cancellation);
        // What a stranger's archive was, another one made of it is too.
        if (StoreImport.IsOwnIn(_engine, _engine.CheckpointStore.FindById(checkpoint.Id) ?? checkpoint))
            OwnArchiveRecorder.Add(_engine.OwnArchives, archive);
        await OwnArchiveRecorder.CommitAsync(_engine.OwnArchives, archive);
    }
}
