using Stasis.Engine.Errors;

namespace Stasis.Engine.Network;

public sealed partial class NetworkManager
{
    /// <summary>Removes a network that no container uses.</summary>
    /// <exception cref="InUseException">Containers use it, running or not.</exception>
    public async Task RemoveAsync(string nameOrId, CancellationToken cancellationToken = default)
    {
        using var held = await LockAsync(cancellationToken);
        var network = Get(nameOrId);
        if (network.Name == NetworkStore.Default.Name)
            throw new StasisException($"default network {network.Name} cannot be removed");
        if (Users(network) is [_, ..] users)
        {
            throw new InUseException($"network {network.Name} has associated containers with it: {string.Join(", ", users)}")
            {
                Remedy = Remedy.Create(
                    $"remove them first, or with the network ({new RemedyCall(RemedyCallKind.RemoveNetworkAndContainers, network.Name)})"),
            };
        }
        _store.Delete(network);
    }

    /// <summary>Removes all networks that no container uses, the default one excepted.</summary>
    /// <returns>Names of those removed.</returns>
    public async Task<IReadOnlyList<string>> PruneAsync(CancellationToken cancellationToken = default)
    {
        using var held = await LockAsync(cancellationToken);
        var unused = List().Where(network => network.Name != NetworkStore.Default.Name && Users(network).Count == 0).ToList();
        unused.ForEach(_store.Delete);
        return [.. unused.Select(network => network.Name)];
    }
}
