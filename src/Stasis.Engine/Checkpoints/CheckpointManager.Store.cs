using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>Lists all checkpoints in the store, the one that was used last first.</summary>
    public IReadOnlyList<StoredCheckpoint> List() => _engine.CheckpointStore.List();

    /// <summary>Finds a checkpoint in the store.</summary>
    /// <param name="idOrTag">The checkpoint's tag, its ID or a unique beginning of that.</param>
    /// <exception cref="NotFoundException">There is none.</exception>
    public StoredCheckpoint Get(string idOrTag) =>
        _engine.CheckpointStore.Find(idOrTag) ?? throw new NotFoundException($"no such checkpoint: {idOrTag}")
        {
            Remedy = List().FirstOrDefault(checkpoint => checkpoint.ContainerName == idOrTag) is { } named
                ? $"{idOrTag} is the container of checkpoint {named.Id[..12]}: give that ID, or tag it"
                : "stasis checkpoint ls lists them",
        };

    /// <summary>
    /// Names the containers that were made from a checkpoint, or have it in place. While there are any, it can't be removed.
    /// </summary>
    public IReadOnlyList<string> UsersOf(StoredCheckpoint checkpoint) => _engine.ContainerStore.ByCheckpoint(checkpoint.Id);

    /// <summary>Path of the folder that holds a checkpoint's files: what an archive holds, under the archive's names.</summary>
    public string PathOf(StoredCheckpoint checkpoint) => _engine.Layout.Checkpoint(checkpoint.Id);

    /// <summary>Adds up what a checkpoint's files take on disk. It reads the status of each, and so takes time.</summary>
    public CheckpointDiskUsage SizeOf(StoredCheckpoint checkpoint)
    {
        var files = new Dictionary<ulong, (FileStatus Status, int Names)>();
        var folders = 0L;
        if (Directory.Exists(PathOf(checkpoint)))
        {
            using var folder = DirectoryHandle.Open(PathOf(checkpoint));
            Add(folder);
        }
        var total = files.Values.Sum(file => (long)file.Status.Blocks * 512);
        var shared = files.Values.Where(file => file.Names < file.Status.LinkCount).Sum(file => (long)file.Status.Blocks * 512);
        return new CheckpointDiskUsage(folders + total, shared);

        void Add(DirectoryHandle folder)
        {
            foreach (var name in folder.Names())
            {
                // The checkpoint's removal may be under way.
                if (FileStatus.TryRead(folder.Handle, name) is not { } status)
                    continue;
                if (!status.IsDirectory)
                {
                    files[status.Inode] = (status, files.GetValueOrDefault(status.Inode).Names + 1);
                    continue;
                }
                folders += (long)status.Blocks * 512;
                using var child = folder.OpenFolder(name);
                Add(child);
            }
        }
    }

    /// <summary>Removes a checkpoint from the store.</summary>
    /// <exception cref="InUseException">A container uses it, or is being made from it. Nothing was changed.</exception>
    public void Remove(StoredCheckpoint checkpoint)
    {
        using var room = RemovalReserve.Use(_engine.Layout);
        _engine.CheckpointStore.Remove(checkpoint.Id);
    }

    /// <summary>
    /// Gives a checkpoint a name, which another that has it loses. With a name it outlives its containers, and a prune. When this
    /// returns, the checkpoint is on disk.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="tag">The name.</param>
    /// <param name="cancellationToken">Ends waiting for memory pages that are still being read. The name isn't given then.</param>
    /// <exception cref="NotFoundException">It was removed meanwhile.</exception>
    public async Task TagAsync(StoredCheckpoint checkpoint, string tag, CancellationToken cancellationToken = default)
    {
        RequireTag(tag);
        CheckpointStore.RequireKept(checkpoint);
        var store = _engine.CheckpointStore;
        using var held = await CheckpointLease.AcquireAsync(
            _engine, checkpoint.Id, $"checkpoint {checkpoint.Id[..12]}", cancellationToken);
        await store.RequireCompleteAsync(checkpoint.Id, cancellationToken);
        store.Persist(checkpoint.Id);
        store.Tag(checkpoint.Id, tag);
    }

    /// <summary>Takes a name away. A checkpoint of a container of this host that no container uses is removed with its last name.</summary>
    /// <exception cref="NotFoundException">No checkpoint has it.</exception>
    public void Untag(string tag)
    {
        if (_engine.CheckpointStore.Find(tag) is not { } checkpoint || !_engine.CheckpointStore.Untag(tag))
            throw new NotFoundException($"no checkpoint has the name {tag}") { Remedy = "stasis checkpoint ls lists them" };
        _engine.CheckpointStore.Release(checkpoint.Id, container: "");
    }

    private static void RequireTag(string tag)
    {
        ObjectName.Require("checkpoint", tag);
        if (tag.Length >= 12 && tag.All(char.IsAsciiHexDigitLower))
            throw new StasisException($"checkpoint name \"{tag}\": it looks like an ID") { Remedy = "choose another name" };
    }
}
