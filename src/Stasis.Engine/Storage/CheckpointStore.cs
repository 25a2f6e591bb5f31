using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Logging;
using Stasis.Engine.Storage.Sqlite;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Storage;

/// <summary>
/// The checkpoints' rows and folders. A row is there if and only if the folder is whole, or, as long as a mark in it
/// says so, whole but for memory pages that a page server is reading into it
/// (<see cref="StoredCheckpoint.IsComplete"/>). Whoever counts on a folder holds its lock, shared, until a container's
/// row says so; a removal holds it alone, and looks at the containers' rows in the transaction that takes the
/// checkpoint's away.
/// </summary>
internal sealed class CheckpointStore(Database database, Layout layout, ContainerStore containers, EngineLog? log = null)
{
    private const string Columns = "id, origin, container_id, container_name, image, created, used, digest, signer, "
        + "(SELECT json_group_array(tag) FROM (SELECT tag FROM checkpoint_tags WHERE checkpoint_id = checkpoints.id ORDER BY tag)), boot";

    private readonly EngineLog _log = log ?? EngineLog.None;

    /// <summary>All, the one that was used last first.</summary>
    public List<StoredCheckpoint> List() => Select("ORDER BY used DESC, id");

    public StoredCheckpoint? FindById(string id) => Select("WHERE id = ?", id).SingleOrDefault();

    /// <summary>By tag, ID or unique beginning of one, in this order; null if there is none.</summary>
    /// <exception cref="StasisException">Several IDs begin so.</exception>
    public StoredCheckpoint? Find(string idOrTag)
    {
        if (Select("WHERE id = (SELECT checkpoint_id FROM checkpoint_tags WHERE tag = ?)", idOrTag) is [var tagged])
            return tagged;
        if (idOrTag.Length == 0 || !idOrTag.All(char.IsAsciiHexDigitLower))
            return null;
        return Select("WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2", idOrTag) switch
        {
            [] => null,
            [var only] => only,
            _ => throw new StasisException($"more than one checkpoint's ID begins with \"{idOrTag}\"")
            {
                Remedy = "give more of it, or a tag",
            },
        };
    }

    /// <summary>
    /// The one that was read from an archive with that SHA-256. One that may not have got to the disk before the
    /// machine went down isn't given.
    /// </summary>
    public StoredCheckpoint? FindByDigest(string digest) =>
        Select("WHERE digest = ? AND (boot IS NULL OR boot = ?)", digest, BootId.Id).FirstOrDefault();

    /// <summary>The one with the ID that an archive with that SHA-256 gives, whole or not; as above.</summary>
    public StoredCheckpoint? FindByArchive(string digest) =>
        FindByDigest(digest) ?? Select("WHERE id = ? AND digest IS NULL AND boot = ?", digest, BootId.Id).SingleOrDefault();

    /// <summary>The one that was read from an archive file which has not changed since.</summary>
    public StoredCheckpoint? FindByFile(in FileStatus file) => Select(
        "WHERE id = (SELECT checkpoint_id FROM checkpoint_sources "
        + "WHERE device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?) "
        + "AND (boot IS NULL OR boot = ?)",
        (long)file.ContainingDevice, (long)file.Inode, file.Size, FileUnchangedCheck.Modified(file),
            FileUnchangedCheck.Changed(file), BootId.Id)
        .SingleOrDefault();

    /// <summary>Remembers which checkpoint an archive file holds.</summary>
    public void Remember(in FileStatus file, string id) => database.Execute(
        "INSERT OR REPLACE INTO checkpoint_sources(device, inode, size, modified, changed, checkpoint_id) VALUES (?, ?, ?, ?, ?, ?)",
        (long)file.ContainingDevice, (long)file.Inode, file.Size, FileUnchangedCheck.Modified(file), FileUnchangedCheck.Changed(file), id);

    /// <summary>Whether all of a checkpoint is there.</summary>
    public bool IsComplete(string id) => !File.Exists(layout.BackfillMarker(id));

    /// <summary>
    /// Waits for memory pages that are being read into a checkpoint, which the caller holds. False if they don't come:
    /// whoever read them has ended.
    /// </summary>
    public async Task<bool> WaitUntilCompleteAsync(string id, CancellationToken cancellation)
    {
        if (IsComplete(id))
            return true;
        using var held = await _log.Locks.AcquireAsync(layout.BackfillLock(id), shared: false, cancellation);
        held.Remove();
        return IsComplete(id);
    }

    /// <summary>As <see cref="WaitUntilCompleteAsync"/>.</summary>
    /// <exception cref="StasisException">They don't come.</exception>
    public async Task RequireCompleteAsync(string id, CancellationToken cancellation)
    {
        if (!await WaitUntilCompleteAsync(id, cancellation))
            throw Incomplete(id);
    }

    /// <summary>What is to be said of a checkpoint whose memory pages nobody reads any more.</summary>
    public static StasisException Incomplete(string id) =>
        new($"checkpoint {id[..12]} is not complete: reading its memory from its archive was cut off")
        {
            Remedy = Remedy.Create($"restore from the archive again, which completes it; or remove it: {Removal(id)}"),
        };

    private static RemedyCall Removal(string id) => new(RemedyCallKind.RemoveCheckpoint, id[..12]);

    /// <summary>SHA-256 of the archive that a checkpoint's memory is being read from; null if it is whole.</summary>
    public string? FindDigestBeingRead(string id)
    {
        try
        {
            return File.ReadAllText(layout.BackfillMarker(id));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>All memory pages of a checkpoint have come. Whoever calls holds it.</summary>
    public void Complete(string id)
    {
        if (FindDigestBeingRead(id) is not { } digest)
            return;
        File.Delete(layout.BackfillMarker(id));
        FaultPoint.Hit("store.completed");
        database.Execute("UPDATE checkpoints SET digest = ? WHERE id = ?", digest, id);
    }

    /// <summary>
    /// Holds a checkpoint, so that it can't be removed until a container that uses it is recorded; null if it is gone,
    /// or may be lost.
    /// </summary>
    public async Task<FileLock?> AcquireAsync(string id, CancellationToken cancellation)
    {
        var held = await _log.Locks.AcquireAsync(layout.CheckpointLock(id), shared: true, cancellation);
        if (FindById(id) is { MayBeLost: false })
            return held;
        held.Dispose();
        return null;
    }

    /// <summary>
    /// From here on, until what is returned is disposed, no checkpoint is taken for one that a killed process has left. For who adds one,
    /// until a container uses it or it is held.
    /// </summary>
    public Task<FileLock> BeginAddingAsync(CancellationToken cancellation) =>
        _log.Locks.AcquireAsync(layout.NewCheckpointsLock, shared: true, cancellation);

    /// <summary>
    /// Moves a folder into the store, whose name there is the checkpoint's ID, or, where something is in its place that
    /// isn't known to be whole and is in use, another. Is it there already, the folder stays where it is. Gives the ID
    /// that it has. <paramref name="durable"/>: all of it is on disk.
    /// </summary>
    public async Task<string> AddAsync(StoredCheckpoint checkpoint, string folder, bool durable, CancellationToken cancellation)
    {
        while (true)
        {
            using var alone = await _log.Locks.AcquireAsync(layout.CheckpointLock(checkpoint.Id), shared: false, cancellation);
            var same = checkpoint.Digest is { } digest ? FindByDigest(digest)
                : checkpoint.IsComplete ? null : FindByArchive(checkpoint.Id);
            if (same is not null)
                return same.Id;
            if (FindById(checkpoint.Id) is not null && !TryDelete(checkpoint.Id))
            {
                checkpoint = checkpoint with { Id = RandomHex.Digits(64) };
                continue;
            }
            Put(checkpoint, folder, durable);
            return checkpoint.Id;
        }
    }

    /// <summary>Records that a container is made from it. In the transaction that inserts the container's row.</summary>
    /// <exception cref="StasisException">It has gone.</exception>
    /// <param name="durable">Whether that is on disk then, with all that was recorded before.</param>
    public void Use(string id, bool durable = false)
    {
        var found = 0;
        database.Transaction(
            () => found = database.Execute("UPDATE checkpoints SET used = ? WHERE id = ?", DateTimeOffset.UtcNow, id), durable);
        if (found == 0)
            throw new StasisException($"checkpoint {id[..12]} was removed from the store meanwhile") { Remedy = "try again" };
    }

    /// <summary>Requires that one can be used, which a user has named.</summary>
    /// <exception cref="StasisException">It may be lost.</exception>
    public static void RequireKept(StoredCheckpoint checkpoint)
    {
        if (checkpoint.MayBeLost)
        {
            var removal = new RemedyCall(RemedyCallKind.RemoveCheckpoint, checkpoint.Id[..12]);
            throw new StasisException(
                $"checkpoint {checkpoint.Id[..12]} was read by a restore before this machine was last started, "
                + "and isn't known to have got to the disk")
            {
                Remedy = Remedy.Create(
                    $"restore from its archive again; or remove it: {removal}"),
            };
        }
    }

    /// <summary>Sees that one is on disk that a restore may have put there, which doesn't wait for that. It is whole.</summary>
    public void Persist(string id)
    {
        if (FindById(id) is not { Boot: not null, MayBeLost: false } checkpoint)
            return;
        FileSync.SyncTreeOrFileSystem(layout.Checkpoint(id)); // with its layers
        FileSync.SyncDirectory(layout.Checkpoints);
        // Where nobody holds it, another may have come in its place.
        database.Transaction(() => database.Execute(
            "UPDATE checkpoints SET boot = NULL WHERE id = ? AND created = ?", id, checkpoint.Created), durable: true);
    }

    /// <summary>
    /// As <see cref="Persist"/>, when a container that was made from it has ended: by then the kernel has written most
    /// of it. Nothing where that can't be done.
    /// </summary>
    public void PersistAfterUse(string id)
    {
        try
        {
            if (FindById(id) is { IsComplete: true, IsKept: true })
                Persist(id);
        }
        catch (Exception e) when (e is StasisException or IOException)
        {
            // It was removed meanwhile; or it is read from its archive again after the machine's next start.
        }
    }

    /// <summary>Records who signed its archive.</summary>
    public void RecordSigner(string id, string key) => database.Execute("UPDATE checkpoints SET signer = ? WHERE id = ?", key, id);

    public void Tag(string id, string tag) => database.Transaction(
        () => database.Execute("INSERT OR REPLACE INTO checkpoint_tags(tag, checkpoint_id) VALUES (?, ?)", tag, id), durable: true);

    public bool Untag(string tag)
    {
        var removed = 0;
        database.Transaction(() => removed = database.Execute("DELETE FROM checkpoint_tags WHERE tag = ?", tag), durable: true);
        return removed > 0;
    }

    /// <summary>Removes it.</summary>
    /// <exception cref="InUseException">Containers use it, or a restore is about to.</exception>
    public void Remove(string id)
    {
        using var alone = FileLock.TryAcquire(layout.CheckpointLock(id))
            ?? throw new InUseException(
                $"checkpoint {id[..12]} is in use: "
                + (IsComplete(id)
                    ? "a container is being made from it"
                    : "its memory is still being read from its archive, or from a registry"))
            {
                Remedy = "wait until that is done",
            };
        if (FindById(id) is not null && !TryDelete(id))
        {
            var users = containers.ByCheckpoint(id);
            throw new InUseException($"checkpoint {id[..12]} is in use by the container(s): {string.Join(", ", users)}")
            {
                Remedy = Remedy.Create($"remove them first: {new RemedyCall(RemedyCallKind.RemoveContainers, users)}"),
            };
        }
        alone.Remove();
    }

    /// <summary>
    /// A container doesn't use it any more: one that doesn't outlive its containers goes when that was the last.
    /// <paramref name="container"/> doesn't count. May be called again.
    /// </summary>
    public void Release(string? id, string container)
    {
        if (id is null)
            return;
        using var alone = FileLock.TryAcquire(layout.CheckpointLock(id));
        if (alone is null)
            return; // who holds it makes a container from it, or releases it too
        if (FindById(id) is { IsKept: true } || !TryDelete(id, container))
            return;
        alone.Remove();
    }

    /// <summary>
    /// Removes what a crash left: folders without a row, and checkpoints that were to go with containers that there are
    /// none of. The caller has the lock <see cref="Layout.NewCheckpointsLock"/>.
    /// </summary>
    public void RemoveOrphans()
    {
        foreach (var checkpoint in List().Where(checkpoint => !checkpoint.IsKept))
            Release(checkpoint.Id, container: "");
        if (!Directory.Exists(layout.Checkpoints))
            return;
        foreach (var folder in Directory.GetDirectories(layout.Checkpoints))
        {
            var id = Path.GetFileName(folder);
            using var alone = FindById(id) is null ? FileLock.TryAcquire(layout.CheckpointLock(id)) : null;
            if (alone is null || FindById(id) is not null)
                continue;
            FileTree.Remove(folder);
            alone.Remove();
        }
    }

    private void Put(StoredCheckpoint checkpoint, string folder, bool durable)
    {
        var target = layout.Checkpoint(checkpoint.Id);
        PrivateDirectory.Create(layout.Checkpoints, durable);
        FileTree.Remove(target); // without a row it is what a crash left
        if (durable)
            FileSync.SyncTree(folder);
        try
        {
            database.Transaction(() => Insert(checkpoint, folder, target, durable), durable);
        }
        catch
        {
            FileTree.Remove(target);
            throw;
        }
        FaultPoint.Hit("store.added");
    }

    private void Insert(StoredCheckpoint checkpoint, string folder, string target, bool durable)
    {
        database.Execute(
            "INSERT INTO checkpoints(id, origin, container_id, container_name, image, created, used, digest, boot) "
            + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            checkpoint.Id,
            checkpoint.Origin.ToString(),
            checkpoint.ContainerId,
            checkpoint.ContainerName,
            checkpoint.Image,
            checkpoint.Created,
            checkpoint.Used,
            checkpoint.Digest,
            durable ? null : BootId.Id);
        Directory.Move(folder, target);
        if (durable)
            FileSync.SyncDirectory(layout.Checkpoints);
        FaultPoint.Hit("store.moved");
    }

    /// <summary>
    /// Row and folder, of one whose lock is held, unless a container uses it. A staging folder is there meanwhile:
    /// should this process die, the next command sees that it did.
    /// </summary>
    private bool TryDelete(string id, string? except = null)
    {
        using var bin = StagingFolder.Create(layout);
        var gone = false;
        database.Transaction(() =>
        {
            gone = containers.ByCheckpoint(id, except) is [];
            if (!gone)
                return;
            database.Execute("DELETE FROM checkpoint_sources WHERE checkpoint_id = ?", id);
            database.Execute("DELETE FROM checkpoint_tags WHERE checkpoint_id = ?", id);
            database.Execute("DELETE FROM checkpoints WHERE id = ?", id);
        }, durable: true);
        FaultPoint.Hit("store.deleted");
        if (gone)
            FileTree.Remove(layout.Checkpoint(id));
        return gone;
    }

    private List<StoredCheckpoint> Select(string where, params ReadOnlySpan<SqlValue> arguments) => database.Query(
        $"SELECT {Columns} FROM checkpoints {where}",
        row => new StoredCheckpoint(
            row.Text(0),
            Enum.Parse<CheckpointOrigin>(row.Text(1)),
            row.Text(2),
            row.Text(3),
            row.TextOrNull(4),
            row.Time(5),
            row.Time(6))
        {
            Digest = row.TextOrNull(7),
            IsComplete = IsComplete(row.Text(0)),
            Signer = row.TextOrNull(8),
            Tags = row.Json(9, EngineJson.Default.StringArray),
            Boot = row.TextOrNull(10),
        }, arguments);
}
