using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// A checkpoint that was read into a staging folder. It isn't in the store before it is committed, and is gone if it never is.
/// </summary>
internal class StagedCheckpoint : OpenedCheckpoint
{
    private readonly StagingFolder _staging;
    private readonly ArchiveFileLock? _claim;
    private readonly CheckpointProvenance _content;
    private CheckpointLease? _committed;

    /// <param name="engine">The engine.</param>
    /// <param name="source">Where it was opened from.</param>
    /// <param name="staging">The folder whose <see cref="FolderIn"/> holds the files; it belongs to this object from here on.</param>
    /// <param name="content">What is known of the files.</param>
    /// <param name="claim">The archive's file, if it was one; it belongs to this object from here on.</param>
    public StagedCheckpoint(
        StasisEngine engine, CheckpointSource source, StagingFolder staging, CheckpointProvenance content, ArchiveFileLock? claim)
        : base(engine, source) => (_staging, _content, _claim) = (staging, content, claim);

    /// <inheritdoc/>
    public sealed override CheckpointEntryPaths Folder => _committed?.Folder ?? FolderIn(_staging);

    /// <inheritdoc/>
    public sealed override bool IsLocal => Engine.LocalArchives.Contains(_content.ReadDigest);

    /// <inheritdoc/>
    public sealed override TimeSpan ValidationDuration => _content.ValidationDuration;

    /// <summary>Whether all files are there with all of their content.</summary>
    protected virtual bool IsComplete => true;

    /// <summary>Makes a staging folder, and has it filled.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="read">Writes the checkpoint's files into the folder. If it fails, the staging folder is removed.</param>
    /// <returns>The staging folder, and what was learnt of its content.</returns>
    public static async Task<(StagingFolder Staging, T Content)> StageAsync<T>(
        StasisEngine engine, Func<CheckpointEntryPaths, Task<T>> read)
    {
        var staging = StagingFolder.Create(engine.Layout);
        try
        {
            var folder = FolderIn(staging);
            PrivateDirectory.Create(folder.Path);
            return (staging, await read(folder));
        }
        catch
        {
            staging.Dispose();
            throw;
        }
    }

    /// <summary>The folder within a staging folder that is to be moved into the store.</summary>
    public static CheckpointEntryPaths FolderIn(StagingFolder staging) => new(Path.Combine(staging.Path, "checkpoint"));

    /// <inheritdoc/>
    public sealed override async Task<CheckpointLease> CommitAsync(ContainerConfig config, bool durable, CancellationToken cancellation)
    {
        var store = Engine.CheckpointStore;
        var now = DateTimeOffset.UtcNow;
        var wanted = _content.Id ?? RandomHex.Digits(64);
        await PrepareAsync(wanted, cancellation);
        var entry = new StoredCheckpoint(wanted, _content.Origin, config.Id, config.Name, config.RootfsImageName, now, now)
        {
            Digest = _content.SharedDigest,
            IsComplete = IsComplete,
        };
        using var adding = await store.BeginAddingAsync(cancellation);
        var id = await store.AddAsync(entry, Folder.Path, durable, cancellation);
        _committed = await CheckpointLease.TryAcquireAsync(Engine, id, cancellation)
            ?? throw new StasisException($"{Source.DisplayName} was removed from the store at once by another command")
            {
                Remedy = "try again",
            };
        if (_content.Signer is { } signer)
            store.RecordSigner(id, signer);
        _claim?.Record(store, id);
        await SupplyPagesAsync(wanted, id, cancellation);
        if (durable)
            _committed.Persist(); // another process may have added it, and not waited for the disk
        _claim?.Dispose();
        // No container uses a checkpoint yet that isn't shared. If this process dies, the staging folder leads the next command to it.
        if (_content.SharedDigest is not null)
            _staging.Dispose();
        return _committed;
    }

    /// <inheritdoc/>
    public sealed override void Abandon()
    {
        Dispose();
        _committed?.DisposeAndPrune();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _staging.Dispose();
        _claim?.Dispose();
        _committed?.Dispose();
    }

    /// <summary>Called before the checkpoint is added to the store, under the ID <paramref name="wanted"/> if that is free.</summary>
    protected virtual Task PrepareAsync(string wanted, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Called when the checkpoint is in the store and held, under the ID <paramref name="id"/>.</summary>
    protected virtual Task SupplyPagesAsync(string wanted, string id, CancellationToken cancellation) => Task.CompletedTask;
}
