using Stasis.Engine.Checkpoints;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Images;
using Stasis.Engine.Network;
using Stasis.Engine.Storage;
using Stasis.Engine.Storage.Sqlite;
using Stasis.Engine.Volumes;

namespace Stasis.Engine;

/// <summary>
/// The way in: containers, images, volumes and checkpoints of one root. Opening is cheap (no file is touched until it's needed);
/// any number of engines, in any number of processes, may be open on one root at once.
/// </summary>
public sealed class StasisEngine : IDisposable
{
    private readonly Lazy<Database> _database;

    /// <summary>Opens an engine on <paramref name="options"/>' root.</summary>
    public StasisEngine(EngineOptions options)
    {
        Options = options;
        Layout = new Layout(options.Root, options.RunRoot);
        Command = new InstalledCommand(options, Layout);
        _database = new Lazy<Database>(() => Database.Open(Layout));
        Images = new ImageManager(this);
        Volumes = new VolumeManager(this);
        Networks = new NetworkManager(this);
        Containers = new ContainerManager(this);
        Checkpoints = new CheckpointManager(this);
    }

    /// <summary>What it was opened with.</summary>
    public EngineOptions Options { get; }

    /// <summary>Where everything lies.</summary>
    public Layout Layout { get; }

    /// <summary>Images and their layers.</summary>
    public ImageManager Images { get; }

    /// <summary>Named volumes.</summary>
    public VolumeManager Volumes { get; }

    /// <summary>Networks that containers are attached to.</summary>
    public NetworkManager Networks { get; }

    /// <summary>Containers and the verbs on them.</summary>
    public ContainerManager Containers { get; }

    /// <summary>Checkpoint and restore.</summary>
    public CheckpointManager Checkpoints { get; }

    /// <summary>
    /// Puts right what commands that were killed left half-done. Every verb on a container does it too; a program that only looks calls it first,
    /// to see things as they should be. Costs next to nothing when there is nothing to do.
    /// </summary>
    public Task RecoverAsync(CancellationToken cancellation) => Recovery.RecoverAllAsync(cancellation);

    /// <summary>The installed command that the engine has run in processes of their own.</summary>
    internal InstalledCommand Command { get; }

    internal Database Database => _database.Value;

    internal ContainerStore ContainerStore => field ??= new ContainerStore(Database);

    internal CheckpointStore CheckpointStore => field ??= new CheckpointStore(Database, Layout, ContainerStore);

    internal Recovery Recovery => field ??= new Recovery(this);

    internal ExitCodeStore Exits => field ??= new ExitCodeStore(Database);

    internal OwnArchives OwnArchives => field ??= new OwnArchives(Database);

    internal Operations Operations => field ??= new Operations(Database);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_database.IsValueCreated)
            _database.Value.Dispose();
    }
}
