using System.Diagnostics;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Oci;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Policy;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>One restore from an archive: unpack, validate, make the container, restore it.</summary>
internal sealed class ImportRun(StasisEngine engine, RestoreOptions options, IProgress<CheckpointProgress>? progress)
{
    private readonly CheckpointSource _source = CheckpointSource.FromOptions(options, engine);
    private readonly ArchiveAccess _access = ImportAccess.FromOptions(options);

    private TimeSpan _vetting;

    private string Archive => _source.Title;

    public async Task<RestoreResult> RunAsync(CancellationToken cancellation)
    {
        await engine.Command.RequireAsync(cancellation);
        if (options.Name is { } given)
            engine.ContainerStore.RefuseTaken(null, given);
        using var import = await StoreImport.OpenAsync(engine, _source, _access, ImportModes.FromOptions(options), progress, cancellation);
        try
        {
            return await RunAsync(import, cancellation);
        }
        catch
        {
            var stored = import.Id;
            import.Dispose(); // else it would be held against its own removal
            engine.CheckpointStore.Release(stored, container: "");
            throw;
        }
    }

    private async Task<RestoreResult> RunAsync(StoreImport import, CancellationToken cancellation)
    {
        FaultPoint.Hit("restore.unpacked");
        var (config, spec) = await Task.Run(() => Read(import, cancellation), cancellation);
        var stored = await import.StoreAsync(config, durable: false, cancellation);
        var checkpoint = import.Folder;
        TcpConnections.Refuse(checkpoint, options, Archive);
        engine.ContainerStore.RefuseTaken(options.Name is null ? config.Id : null, options.Name ?? config.Name);
        var volumes = RestoredVolumes.Plan(engine, config, options, checkpoint, Archive);
        config = config with
        {
            NamedVolumes = config.NamedVolumes is null ? null : volumes.Named,
            OciRuntime = RestoredRuntime.Choose(config, options.Runtime, engine, Archive),
        };
        if (options.IgnorePorts)
            config = config with { PortMappings = null };
        config = RestoreNetwork.Apply(config, options, engine);
        var networks = RestoreNetwork.Attachments(config, checkpoint, Archive, options);
        engine.Networks.Check(networks ?? new Dictionary<string, NetworkAttachment>(), config.PortMappings ?? []);
        RequireParts(config.OciRuntime!);
        var image = await FindImageAsync(config, cancellation);
        var id = options.Name is null ? config.Id : ContainerNames.NewId();
        var container = RestoredIdentity.Adopt(config, spec, id, options.Name ?? config.Name, engine.Layout) with
        {
            Layers = image.Layers,
            Checkpoint = stored,
            HasCheckpointLayer = !options.IgnoreRootfs && await CheckpointLayer.EnsureAsync(engine, stored, image.Layers, Archive, cancellation),
        };
        if (options.Hostname is { } hostname)
            container = RestoredHostname.Apply(container, hostname);
        container = ContainerIdentity.WithNextGeneration(container, options.Copy, options.Env);

        using var locked = await engine.Containers.ReserveAsync(container, OperationKind.Import, null, cancellation);
        var run = new RestoreRun(engine, locked, options, progress);
        try
        {
            FaultPoint.Hit("restore.inserted");
            volumes.Create(locked, checkpoint, cancellation);
            ContainerMounts.MakeFolders(engine.Layout, container);
            if (File.Exists(checkpoint.Log))
                File.Copy(checkpoint.Log, locked.Paths.Log);
            await run.MountAsync(networks, cancellation);
            volumes.Seed(locked.Paths);
            if (container.HasCheckpointLayer)
                CheckpointLayer.TakeOwn(engine.Layout.CheckpointLayerOwn(stored, image.Layers[^1]), locked.Paths.Merged);
            ContainerIdentity.WriteInto(container, locked.Paths);
            run.FillShm(checkpoint, cancellation);
            FaultPoint.Hit("restore.filled");
            await run.LaunchAsync(checkpoint, stored, cancellation);
            Check(locked, container);
        }
        catch (Exception e)
        {
            var explained = run.Explain(e);
            await UndoImport.RunAsync(locked, engine.Operations.Find(id)?.Data);
            throw explained;
        }
        return run.Finish(checkpoint, stored) with { VettingDuration = import.ValidationDuration + _vetting };
    }

    /// <summary>Parses it and has it vetted.</summary>
    public (ContainerConfig Config, OciSpec Spec) Read(StoreImport import, CancellationToken cancellation)
    {
        var checkpoint = import.Folder;
        var config = ArchiveReader.ReadJson(Archive, checkpoint.Path, ArchiveEntryNames.ConfigDump, EngineJson.Default.ContainerConfig);
        var spec = ArchiveReader.ReadJson(Archive, checkpoint.Path, ArchiveEntryNames.SpecDump, EngineJson.Default.OciSpec);
        DumpJsonValidator.Require(config, spec, Archive);
        RestoredIdentity.Validate(config, spec, Archive);
        ObjectName.Require("container", options.Name ?? config.Name);
        if (options.Import is null && _access.Signers is { } signers)
            import.RequireTrusted(signers);
        var isOwn = import.IsOwn;
        if (options.ImportPrevious is { } previous)
            isOwn &= engine.OwnArchives.Contains(PreCheckpoint.Import(engine, previous, _access with { Signature = null }, checkpoint, cancellation));
        PreCheckpoint.RequireComplete(checkpoint, Archive);
        var begun = Stopwatch.GetTimestamp();
        var policy = ImportPolicy.Load(options.Allow, options.Policy);
        if (!isOwn)
            ArchiveVetting.Require(engine, options, policy, checkpoint, config, spec, Archive);
        _vetting = Stopwatch.GetElapsedTime(begun);
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
            throw new ArchiveException(Archive, ArchiveEntryNames.ConfigDump, "it names no image");
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
                Remedy = $"bring the image here (stasis image load -i FILE, or stasis image import ROOTFS.tar {name}) and restore again",
            };
        }
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
