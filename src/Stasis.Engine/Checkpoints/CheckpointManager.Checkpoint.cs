using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Containers.Exec;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.Images;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>
    /// Freezes a container into an archive, or in place. It is paused, dumped, and stays paused while its files are read, so that memory, root
    /// file system, /dev/shm and volumes belong to one instant. Until the archive is whole and on disk its processes are only frozen: cancelled or
    /// failed, it runs on as before.
    /// </summary>
    /// <param name="nameOrId">The container.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Cancels it, up to the moment when the archive is whole.</param>
    /// <exception cref="NotFoundException">There is no such container.</exception>
    /// <exception cref="InvalidStateException">It doesn't run.</exception>
    /// <exception cref="CheckpointFailedException">The dump or the archive failed; the container runs as before.</exception>
    /// <exception cref="ContainerGoneException">CRIU was killed in an instant in which that ended the container.</exception>
    public async Task<CheckpointResult> CheckpointAsync(
        string nameOrId, CheckpointOptions options, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        using var locked = await _engine.Containers.LockAsync(nameOrId, Verb.Checkpoint, cancellation);
        var container = locked.Container;
        if (options is { Export: not null, CreateImage: not null })
            throw new StasisException("a checkpoint goes into an archive or into an image, not into both") { Remedy = "use --export or --create-image" };
        if (options.Store && (options.Export ?? options.CreateImage) is not null)
            throw new StasisException("a checkpoint goes into the store, into an archive or into an image: only one of them");
        if (options.CreateImage is { } image)
            _ = ImageManager.NameToGive(image);
        await MemoryOnDemand.WaitUntilLoadedAsync(locked, memory => progress?.Report(new CheckpointProgress("waiting for its memory", memory.Loaded, memory.Total)), cancellation);
        if (options is { Encrypt.Count: > 0, Export: null })
            throw new StasisException("only an archive can be encrypted") { Remedy = "use --encrypt with --export FILE" };
        var recipients = AgeKeyFiles.ReadRecipients(options.Encrypt);
        PreCheckpoint.Require(options, locked.Paths);
        if (!options.PreCheckpoint && container.AutoRemove && options is { Export: null, CreateImage: null } && !(options.Store && options.LeaveRunning))
            throw new StasisException($"cannot checkpoint container {container.Name} in place: it was started with --rm, and is removed when it ends") { Remedy = "write an archive (--export FILE), or an image (--create-image NAME)" };

        if (!options.LeaveRunning && !options.PreCheckpoint && ExecProcesses.Find(container) is [_, ..] commands)
            throw new InvalidStateException($"cannot checkpoint container {container.Name}: commands started with exec run in it (PID {string.Join(", ", commands)}), which a checkpoint can't hold")
            {
                Remedy = "end them first, or use --leave-running, which leaves them running and out of the archive",
            };

        locked.Runtime.RequireCriu();
        if (!options.TcpEstablished)
            TcpConnections.Refuse(container);
        // The archive is opened first: a folder that isn't there or can't be written is known before the container is touched.
        using var archive = options.Export is null ? null : ArchiveWriter.Create(options.Export, options.Compression, recipients);
        locked.Begin(OperationKind.Checkpoint, archive?.TemporaryPath);
        using var watch = ThawWatchdog.Start(_engine, container.Id);
        var run = new CheckpointOperation(_engine, locked, options, progress);
        try
        {
            if (options.PreCheckpoint)
                return await run.PreDumpAsync(archive, cancellation);
            await run.DumpAsync(cancellation);
            await Task.Run(() => run.TakeFiles(cancellation), cancellation);
            if (options.LeaveRunning)
                await run.ThawAsync();
            if (archive is not null)
                await Task.Run(() => run.WriteArchive(archive, cancellation), cancellation);
            if (options.CreateImage is not null)
                await run.CreateImageAsync(options.CreateImage, cancellation);
            await run.MakeDurableAsync(archive);
        }
        catch (Exception e)
        {
            throw await run.UndoAsync(e);
        }
        return await run.FinishAsync();
    }
}
