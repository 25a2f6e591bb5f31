using Stasis.Engine.Errors;
using Stasis.Linux.Files;

namespace Stasis.Engine.Network;

/// <summary>Networks: made, listed, removed; and containers attached to them, through netavark.</summary>
public sealed partial class NetworkManager
{
    private readonly StasisEngine _engine;
    private readonly NetworkStore _store;

    internal NetworkManager(StasisEngine engine)
    {
        _engine = engine;
        _store = new NetworkStore(engine.Layout);
        Requests = new NetworkRequestStore(engine.Layout);
    }

    internal NetworkRequestStore Requests { get; }

    /// <summary>All networks, sorted by name; the default one, "podman", is always there.</summary>
    public IReadOnlyList<NetworkConfig> List() => _store.List();

    /// <summary>By name, ID or the beginning of an ID; null if there is none.</summary>
    public NetworkConfig? Find(string nameOrId) => _store.Find(nameOrId);

    /// <summary>By name, ID or the beginning of an ID.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public NetworkConfig Get(string nameOrId) => _store.Get(nameOrId);

    /// <summary>Names of the containers that are attached to the network, running or not.</summary>
    public IReadOnlyList<string> Users(NetworkConfig network) => _engine.ContainerStore.ByNetwork(network.Name);

    private Task<FileLock> LockAsync(CancellationToken cancellationToken) =>
        _engine.Log.Locks.AcquireAsync(_engine.Layout.NetworkLock, shared: false, cancellationToken);
}
