using Stasis.Engine.Archive;
using Stasis.Engine.Containers;
using Stasis.Engine.Images;
using Stasis.Engine.Network;
using Stasis.Engine.Oci;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints;

/// <summary>One restore from an archive: unpack, validate, make the container, restore it.</summary>
internal sealed class ImportRun(StasisEngine engine, RestoreOptions options, IProgress<CheckpointProgress>? progress)
{
    private readonly CheckpointSource _source = CheckpointSource.Of(options, engine);
    private readonly ArchiveAccess _access = ImportAccess.Of(options);

    private string Archive => _source.Title;

    public async Task<RestoreResult> RunAsync(CancellationToken cancellation)
    {
        using var staging = StagingFolder.Create(engine.Layout);
        var checkpoint = new CheckpointFolder(staging.Path);
        await Task.Run(() => _source.Unpack(engine, _access, staging.Path, progress, cancellation), cancellation);
        FaultPoint.Hit("restore.unpacked");
        var (config, spec) = await Task.Run(() => Read(checkpoint, cancellation), cancellation);
        TcpConnections.Refuse(checkpoint, options, Archive);
        engine.ContainerStore.RefuseTaken(options.Name is null ? config.Id : null, options.Name ?? config.Name);
        var volumes = RestoredVolumes.Plan(engine, config, options, checkpoint, Archive);
        config = config with
        {
            NamedVolumes = config.NamedVolumes is null ? null : volumes.Named,
            OciRuntime = RestoredRuntime.Choose(config, options.Runtime, engine, Archive),
        };
        config = RestoreNetwork.Apply(config, options, engine);
        var networks = RestoreNetwork.Attachments(config, checkpoint, Archive, options);
        engine.Networks.Check(networks ?? new Dictionary<string, NetworkAttachment>(), config.PortMappings ?? []);
        RequireParts(config.OciRuntime!);
        var image = await FindImageAsync(config, cancellation);
        var id = options.Name is null ? config.Id : ContainerNames.NewId();
        var container = RestoredIdentity.Adopt(config, spec, id, options.Name ?? config.Name, engine.Layout) with { Layers = image.Layers };
        if (options.Hostname is { } hostname)
            container = RestoredHostname.Apply(container, hostname);

        using var locked = await engine.Containers.ReserveAsync(container, OperationKind.Import, null, cancellation);
        var run = new RestoreRun(engine, locked, options, progress);
        try
        {
            FaultPoint.Hit("restore.inserted");
            volumes.Create(locked, checkpoint, cancellation);
            Settle(container, staging);
            await run.MountAsync(networks, cancellation);
            volumes.Seed(locked.Paths);
            if (!options.IgnoreRootfs)
                RootfsDiff.Apply(checkpoint, locked.Paths.Merged, Archive, cancellation);
            run.FillShm(checkpoint, cancellation);
            FaultPoint.Hit("restore.filled");
            await run.LaunchAsync(new CheckpointFolder(engine.Layout.Container(id).Checkpoint), cancellation);
            Check(locked, container);
        }
        catch (Exception e)
        {
            var explained = run.Explain(e);
            await new UndoImport().RecoverAsync(locked, engine.Operations.Find(id)!, CancellationToken.None);
            throw explained;
        }
        return run.Finish(new CheckpointFolder(engine.Layout.Container(id).Checkpoint));
    }

    private (ContainerConfig Config, OciSpec Spec) Read(CheckpointFolder checkpoint, CancellationToken cancellation)
    {
        var config = ArchiveReader.ReadJson(Archive, checkpoint.Path, ArchiveFiles.ConfigDump, EngineJson.Default.ContainerConfig);
        var spec = ArchiveReader.ReadJson(Archive, checkpoint.Path, ArchiveFiles.SpecDump, EngineJson.Default.OciSpec);
        RestoredIdentity.Validate(config, spec, Archive);
        ObjectName.Require("container", options.Name ?? config.Name);
        if (options.ImportPrevious is { } previous)
            PreCheckpoint.Import(engine, previous, _access with { Signature = null }, checkpoint, cancellation);
        PreCheckpoint.RequireComplete(checkpoint, Archive);
        return (config, spec);
    }

    private void RequireParts(string runtime)
    {
        Runtime.Find(engine.Layout, runtime).RequireCriu();
        Conmon.Find();
    }

    private async Task<Image> FindImageAsync(ContainerConfig config, CancellationToken cancellation)
    {
        if (config.RootfsImageId is { Length: > 0 } digest && engine.Images.Find(digest) is { } same)
            return same;
        if (config.RootfsImageName is not { Length: > 0 } name)
            throw new ArchiveException(Archive, ArchiveFiles.ConfigDump, "it names no image");
        if (engine.Images.Find(name) is { } named)
            return named;
        progress?.Report(new CheckpointProgress($"pulling {name}", 0, null));
        try
        {
            return await engine.Images.PullAsync(name, new PullProgress(progress), cancellation);
        }
        catch (StasisException e)
        {
            throw new StasisException($"the base image {name} of the container in {Archive} is missing, and can't be pulled: {e.Message}", e)
            {
                Remedy = $"bring the image here (stasis image load FILE, or stasis image import ROOTFS.tar {name}) and restore again",
            };
        }
    }

    // What isn't needed for the launch alone moves from the staging folder to the container's.
    private void Settle(Container container, StagingFolder staging)
    {
        var paths = engine.Layout.Container(container.Id);
        ContainerMounts.MakeFolders(engine.Layout, container);
        Directory.CreateDirectory(paths.Checkpoint, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var from = new CheckpointFolder(staging.Path);
        var to = new CheckpointFolder(paths.Checkpoint);
        Directory.Move(from.Images, to.Images);
        if (Directory.Exists(from.PreImages))
            Directory.Move(from.PreImages, to.PreImages);
        if (File.Exists(from.NetworkStatus))
            File.Move(from.NetworkStatus, to.NetworkStatus);
        if (File.Exists(from.Log))
            File.Move(from.Log, paths.Log);
    }

    private static void Check(LockedContainer locked, Container asked)
    {
        var made = locked.Container;
        if (made.Name != asked.Name)
            throw new StasisException($"name of restored container ({made.Name}) does not match requested name ({asked.Name})");
        if (made.Id != asked.Id)
            throw new StasisException($"ID of restored container ({made.Id}) does not match requested ID ({asked.Id})");
    }

    private sealed class PullProgress(IProgress<CheckpointProgress>? progress) : IProgress<ImageProgress>
    {
        public void Report(ImageProgress value) => progress?.Report(new CheckpointProgress($"pulling {value.What}", value.Done, value.Total));
    }
}
