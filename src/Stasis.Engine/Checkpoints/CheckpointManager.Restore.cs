using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Network;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>
    /// Brings a container back from an archive, or from its in-place checkpoint. From an archive without a new name it has its old name and ID; with a new
    /// name it gets a new ID. Everything is read and validated before anything is created; failed or cancelled, everything made on the way is undone
    /// and the archive, or the in-place checkpoint, is as it was.
    /// </summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Cancels it, up to the moment when the container runs.</param>
    /// <exception cref="ArchiveException">The archive can't be read, or isn't what it claims.</exception>
    /// <exception cref="InUseException">The name or the ID is taken.</exception>
    /// <exception cref="RestoreFailedException">The runtime or CRIU failed; their words are in the message.</exception>
    public Task<RestoreResult> RestoreAsync(RestoreOptions options, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        AllowList.Require(options);
        if (options.TcpEstablished && options.TcpClose)
            throw new StasisException("--tcp-established and --tcp-close cannot be used together");
        options = options.ExpandPlaceholders();
        RestoredHostname.Validate(options.Hostname);
        if (((string?[])[options.Image, options.Checkpoint, options.Import ?? options.Container]).Count(source => source is not null) > 1)
            throw new StasisException("a container is restored from an image, from an archive, from a checkpoint in the store, or in place: only one of them");
        if (options is { Checkpoint: not null, ImportPrevious: not null })
            throw new StasisException("--import-previous can not be used with --checkpoint: what is in the store is complete");
        if (options.Import is not null && options.Container is not null)
            throw new StasisException("cannot use --import with a container: the archive says which one it is");
        if ((options.Import ?? options.Image ?? options.Checkpoint) is not null)
            return ImportAsync(options, progress, cancellation);
        if (options.ImportPrevious is not null)
            throw new StasisException("--import-previous can only be used with image or --import");
        if (options.Name is not null)
            throw new StasisException("--name can only be used with image or --import") { Remedy = "checkpoint with --export FILE, then restore with --import FILE --name NAME" };
        return RestoreInPlaceAsync(options.Container ?? throw new StasisException("name a container, or an archive with --import"), options, progress, cancellation);
    }

    private async Task<RestoreResult> ImportAsync(RestoreOptions options, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        var result = await new ImportRun(_engine, options, progress).RunAsync(cancellation);
        try
        {
            await PostRestoreActions.RunAsync(_engine, result.Container, options, cancellation);
        }
        catch
        {
            await _engine.Containers.RemoveAsync(result.Container.Id, force: true, CancellationToken.None);
            throw;
        }
        return result;
    }

    private async Task<RestoreResult> RestoreInPlaceAsync(
        string nameOrId, RestoreOptions options, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        var result = await RestoreLockedAsync(nameOrId, options, progress, cancellation);
        await PostRestoreActions.RunAsync(_engine, result.Container, options, cancellation);
        return result;
    }

    private async Task<RestoreResult> RestoreLockedAsync(
        string nameOrId, RestoreOptions options, IProgress<CheckpointProgress>? progress, CancellationToken cancellation)
    {
        using var locked = await _engine.Containers.LockAsync(nameOrId, Verb.Restore, cancellation);
        var container = locked.Container;
        var checkpoint = new CheckpointFolder(container.State.CheckpointId is { } id ? _engine.Layout.Checkpoint(id) : "");
        if (!File.Exists(checkpoint.Inventory))
            throw new RestoreFailedException($"a complete checkpoint for container {container.Name} cannot be found{(checkpoint.Path.Length > 0 ? $": there is no {checkpoint.Inventory}" : "")}")
            {
                Remedy = "checkpoint it without --export first, or restore an archive with --import FILE",
            };
        TcpConnections.Refuse(checkpoint, options, $"the checkpoint of {container.Name}");
        var config = RestoreNetwork.Apply(container.Config, options, _engine);
        var networks = RestoreNetwork.Attachments(config, checkpoint, $"the checkpoint of {container.Name}", options);
        _engine.Networks.Check(networks ?? new Dictionary<string, NetworkAttachment>(), config.PortMappings ?? []);
        var before = container;
        // Left over when an earlier cleanup failed, or the machine went down.
        await ContainerTeardown.RunAsync(locked);
        locked.Begin(OperationKind.Restore);
        var run = new RestoreRun(_engine, locked, options, progress);
        try
        {
            var asked = container with { Config = config };
            locked.Save(ContainerIdentity.WithNextGeneration(options.Hostname is { } hostname ? RestoredHostname.Apply(asked, hostname) : asked, options.Copy, options.Env));
            await run.MountAsync(networks, cancellation);
            ContainerIdentity.WriteInto(locked.Container, locked.Paths);
            run.FillShm(checkpoint, cancellation);
            await run.LaunchAsync(checkpoint, container.State.CheckpointId!, cancellation);
        }
        catch (Exception e)
        {
            var explained = run.Explain(e);
            await ContainerTeardown.RunAsync(locked);
            FileTree.Remove(locked.Paths.Images);
            locked.Save(before with { State = before.State with { Error = explained.Message } });
            locked.End();
            throw explained;
        }
        return run.Finish(checkpoint, container.State.CheckpointId);
    }
}
