using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>The container that a restore will make. It is worked out, and refused where it can't be, before anything is made.</summary>
internal sealed record RestorePlan
{
    /// <summary>The container as it will be recorded: identity, networks, volumes, runtime, image, mounts.</summary>
    public required Container Container { get; init; }

    /// <summary>Files of the checkpoint in the store.</summary>
    public required CheckpointEntryPaths Checkpoint { get; init; }

    /// <summary>ID of the checkpoint in the store.</summary>
    public required string CheckpointId { get; init; }

    /// <summary>Addresses that this start asks for, by network; null if there are no networks.</summary>
    public IReadOnlyDictionary<string, NetworkAttachment>? Networks { get; init; }

    /// <summary>Volumes that are made for a new container; null for a container in place, which has its own.</summary>
    public RestoredVolumes? Volumes { get; init; }

    /// <summary>Plans a container that is made of a dump that was vetted.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="source">What messages name.</param>
    /// <param name="options">How it is restored.</param>
    /// <param name="stored">The checkpoint in the store.</param>
    /// <param name="dump">What the checkpoint says its container was.</param>
    /// <param name="progress">Told when an image is pulled.</param>
    /// <param name="cancellation">Cancels a pull.</param>
    /// <exception cref="Errors.StasisException">A name, an address or a volume is taken, or a runtime or the image isn't there.</exception>
    public static async Task<RestorePlan> CreateForNewContainerAsync(
        StasisEngine engine,
        CheckpointSource source,
        RestoreOptions options,
        CheckpointLease stored,
        DumpedContainer dump,
        IProgress<OperationProgress>? progress,
        CancellationToken cancellation)
    {
        var (title, checkpoint, newName) = (source.DisplayName, stored.Folder, options.Identity.Name);
        ProcessorCompatibility.RequireSuitable(checkpoint, options.IgnoreProcessor, title);
        RestoredTcpConnections.RequireHandled(checkpoint, options.Network.TcpConnections, title);
        engine.ContainerStore.RefuseTaken(newName is null ? dump.Config.Id : null, newName ?? dump.Config.Name);
        var volumes = RestoredVolumes.Plan(engine, dump, options, checkpoint, title);
        var config = dump.Config with
        {
            NamedVolumes = dump.Config.NamedVolumes is null ? null : volumes.Named,
            OciRuntime = RestoredRuntime.Choose(dump.Config, options.Runtime, engine, title),
            PortMappings = options.Network.IgnorePorts ? null : dump.Config.PortMappings,
        };
        config = RestoredNetworkSettings.Apply(config, options, engine);
        var networks = RestoredNetworkSettings.Attachments(config, checkpoint, title, options);
        RequireFree(engine, networks, config);
        Runtime.Find(engine.Layout, config.OciRuntime!).RequireCriu();
        ConmonAccess.Find();
        var image = await BaseImage.FindOrPullAsync(engine, config, title, progress, cancellation);
        var hasLayer = !options.IgnoreRootfs && await CheckpointLayer.EnsureAsync(engine, stored.Id, image.Layers, title, cancellation);
        var id = newName is null ? config.Id : ContainerNameGenerator.NewId();
        var container = RestoredContainerConfig.Adopt(config, dump.Spec, id, newName ?? config.Name, engine.Layout) with
        {
            Layers = image.Layers,
            Checkpoint = stored.Id,
            HasCheckpointLayer = hasLayer,
        };
        return new RestorePlan
        {
            Container = WithIdentity(container, options.Identity),
            Checkpoint = checkpoint,
            CheckpointId = stored.Id,
            Networks = networks,
            Volumes = volumes,
        };
    }

    /// <summary>Plans the restore of a container that was checkpointed in place.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="container">The container, locked.</param>
    /// <param name="checkpointId">ID of its checkpoint in the store, which is complete.</param>
    /// <param name="options">How it is restored.</param>
    /// <exception cref="Errors.StasisException">An address is taken, or a network isn't there.</exception>
    public static RestorePlan CreateInPlace(StasisEngine engine, Container container, string checkpointId, RestoreOptions options)
    {
        var (title, checkpoint) = ($"the checkpoint of {container.Name}", new CheckpointEntryPaths(engine.Layout.Checkpoint(checkpointId)));
        ProcessorCompatibility.RequireSuitable(checkpoint, options.IgnoreProcessor, title);
        RestoredTcpConnections.RequireHandled(checkpoint, options.Network.TcpConnections, title);
        var config = RestoredNetworkSettings.Apply(container.Config, options, engine);
        var networks = RestoredNetworkSettings.Attachments(config, checkpoint, title, options);
        RequireFree(engine, networks, config);
        return new RestorePlan
        {
            Container = WithIdentity(WithNestedMounts(container with { Config = config }, checkpoint, title), options.Identity),
            Checkpoint = checkpoint,
            CheckpointId = checkpointId,
            Networks = networks,
        };
    }

    private static void RequireFree(
        StasisEngine engine, IReadOnlyDictionary<string, NetworkAttachment>? networks, ContainerConfig config) =>
        engine.Networks.Check(networks ?? new Dictionary<string, NetworkAttachment>(), config.PortMappings ?? []);

    // Those that the container's processes had when they were dumped.
    private static Container WithNestedMounts(Container container, CheckpointEntryPaths checkpoint, string title)
    {
        var dumped = ArchiveUnpacker.ReadJson(title, checkpoint.Path, ArchiveEntryNames.SpecDump, EngineJson.Default.OciSpec);
        return container with { Spec = NestedMounts.Add(container.Spec, NestedMounts.Read(dumped)) };
    }

    private static Container WithIdentity(Container container, RestoreIdentityOptions identity) => IdentityFile.WithNextGeneration(
        identity.Hostname is { } hostname ? RestoredHostname.Apply(container, hostname) : container, identity.CopyNumber, identity.Env);
}
