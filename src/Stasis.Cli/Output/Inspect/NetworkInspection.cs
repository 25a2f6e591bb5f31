using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Network;

namespace Stasis.Cli.Output.Inspect;

/// <summary>What <c>network inspect</c> prints: the network, and the running containers on it (Podman: NetworkInspectReport).</summary>
internal static class NetworkInspection
{
    public static NetworkConfig FromNetwork(StasisEngine engine, NetworkConfig network)
    {
        var containers = engine.Containers.List()
            .Where(container => container.State is { IsAlive: true, Networks: { } networks } && networks.ContainsKey(network.Name))
            .ToDictionary(
                container => container.Id,
                container => new NetworkMember(container.Name, container.State.Networks![network.Name].Interfaces));
        var members = JsonSerializer.SerializeToElement(containers, CliJsonContext.Default.DictionaryStringNetworkMember);
        return network with { Unknown = new Dictionary<string, JsonElement> { ["containers"] = members } };
    }
}
