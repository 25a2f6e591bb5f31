using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>
    /// Reads an archive into the store, to make containers from later. If it is there already, it is found, without being read if the
    /// file is the same. When this returns, the checkpoint is on disk.
    /// </summary>
    /// <param name="archive">The archive.</param>
    /// <param name="trust">How it is read; null for defaults. What it may ask for isn't looked at before a restore.</param>
    /// <param name="tag">
    /// The checkpoint's name, as <see cref="TagAsync"/> gives it; null for none. An encrypted archive's must have one.
    /// </param>
    /// <param name="progress">Told how far reading has come.</param>
    /// <param name="cancellationToken">If cancelled, nothing new is in the store.</param>
    /// <exception cref="ArchiveException">The archive can't be read, isn't signed as required, or isn't what it claims.</exception>
    public async Task<StoredCheckpoint> ReadIntoStoreAsync(
        CheckpointSource.Archive archive,
        ArchiveTrustOptions? trust = null,
        string? tag = null,
        IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (tag is not null)
            RequireTag(tag);
        trust ??= new ArchiveTrustOptions();
        var access = ArchiveKeyLoader.Read(archive, trust, ImportPermissions.Load(trust.Allow, trust.Policy));
        var opener = new CheckpointOpener(_engine, archive, access, OpenPurpose.Complete, progress);
        using var opened = await opener.OpenAsync(cancellationToken);
        var dump = DumpedContainer.Read(opened.Folder, archive.DisplayName);
        PreCheckpoint.RequireComplete(opened.Folder, archive.DisplayName);
        var stored = await opened.CommitAsync(dump.Config, durable: true, cancellationToken);
        if (tag is not null)
            _engine.CheckpointStore.Tag(stored.Id, tag);
        var checkpoint = Get(stored.Id);
        if (checkpoint.IsKept)
            return checkpoint;
        opened.Abandon(); // nothing else would ever remove it
        const string Why = "it is encrypted: what is read from it goes with its last name, and it was given none";
        throw new ArchiveException(archive.DisplayName, null, Why)
        {
            Remedy = "give it a name, after the file's; checkpoint rm with that name removes it again",
        };
    }
}
