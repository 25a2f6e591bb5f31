using Stasis.Engine.Checkpoints;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.ExternalEngines;
using Stasis.Engine.Images;
using Stasis.Engine.Logging;
using Stasis.Engine.Network;
using Stasis.Engine.Storage;
using Stasis.Engine.Storage.Sqlite;
using Stasis.Engine.Volumes;

namespace Stasis.Engine;

/// <summary>
/// The entry point of the library: containers, images, volumes, networks and checkpoints of one root. Opening an engine
/// is cheap: it makes roots that exist private (mode 0700), and touches no other file until it is needed. Any number of
/// engines, in any number of processes, may be open on one root at the same time. All members may be called from several threads at once.
/// </summary>
public sealed class StasisEngine : IDisposable, IAsyncDisposable
{
    private readonly Lazy<Database> _database;

    /// <summary>Opens an engine on <paramref name="options"/>' root.</summary>
    public StasisEngine(EngineOptions options)
    {
        Options = options;
        Layout = new Layout(options.Root, options.RunRoot);
        Log = EngineLog.Create(options.LoggerFactory);
        Command = new InstalledCommand(options, Layout, Log);
        RootPermissions.Restrict(Layout, Warn);
        _database = new Lazy<Database>(() => Database.Open(Layout));
        Images = new ImageManager(this);
        Volumes = new VolumeManager(this);
        Networks = new NetworkManager(this);
        Containers = new ContainerManager(this);
        Checkpoints = new CheckpointManager(this);
        External = new ExternalContainerManager(this);
    }

    /// <summary>The options that the engine was opened with.</summary>
    public EngineOptions Options { get; }

    /// <summary>Every path under the engine's roots.</summary>
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

    /// <summary>Running containers of Docker, containerd, CRI-O and Podman.</summary>
    public ExternalContainerManager External { get; }

    /// <summary>
    /// Undoes or completes what killed processes left unfinished. Every call that changes a container does this too; a
    /// program that only reads calls it first. With nothing to do it costs a query and the listing of a folder.
    /// </summary>
    /// <param name="cancellationToken">A cancelled call leaves the rest for the next.</param>
    public Task RecoverAsync(CancellationToken cancellationToken = default) => Recovery.RecoverAllAsync(cancellationToken);

    /// <inheritdoc cref="Containers.Supervision.Recovery.RemoveAbandoned"/>
    internal void RemoveAbandoned() => Recovery.RemoveAbandoned();

    /// <summary>The installed command that the engine has run in processes of their own.</summary>
    internal InstalledCommand Command { get; }

    internal EngineLog Log { get; }

    internal Database Database => _database.Value;

    internal ContainerStore ContainerStore => field ??= new ContainerStore(Database);

    internal CheckpointStore CheckpointStore => field ??= new CheckpointStore(Database, Layout, ContainerStore, Log);

    internal Recovery Recovery => field ??= new Recovery(this);

    internal ExitCodeStore Exits => field ??= new ExitCodeStore(Database);

    internal LocalArchiveDigests LocalArchives { get => field ??= new LocalArchiveDigests(Database); init; }

    internal OperationJournal Operations => field ??= new OperationJournal(Database);

    /// <summary>Tells, by <see cref="EngineOptions.Warn"/> or the log, what a person should know although nothing failed.</summary>
    internal void Warn(string message)
    {
        if (Options.Warn is { } warn)
            warn(message);
        else
            Log.Warn(message);
    }

    /// <summary>Closes the database. Containers run on; a page server too.</summary>
    public void Dispose()
    {
        if (_database.IsValueCreated)
            _database.Value.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
