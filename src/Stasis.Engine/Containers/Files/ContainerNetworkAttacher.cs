using Stasis.Engine.Common;
using Stasis.Engine.Model;
using Stasis.Engine.Network;

namespace Stasis.Engine.Containers.Files;

/// <summary>Attaches a container to its networks.</summary>
internal static class ContainerNetworkAttacher
{
    /// <summary>
    /// Attaches the container's network namespace, and records its addresses. Does nothing for a container without networks.
    /// </summary>
    public static async Task ConnectAsync(
        LockedContainer locked, IReadOnlyDictionary<string, NetworkAttachment>? networks, CancellationToken cancellation)
    {
        if (networks is not { Count: > 0 })
            return;
        var request = CreateRequest(locked.Engine, locked.Container, networks);
        var status = await locked.Engine.Networks.ConnectAsync(request, locked.Paths.NetNs, cancellation);
        locked.Save(locked.State with { Networks = status });
        FaultPoint.Hit("network.connected");
    }

    /// <summary>Returns the attachments with a name for each interface that has none: eth0, eth1, …</summary>
    public static IReadOnlyDictionary<string, NetworkAttachment> WithInterfaceNames(IReadOnlyDictionary<string, NetworkAttachment> networks)
    {
        var taken = networks.Values.Select(attachment => attachment.InterfaceName).ToHashSet();
        var number = 0;
        return networks.ToDictionary(
            pair => pair.Key,
            pair => pair.Value.InterfaceName.Length > 0 ? pair.Value : pair.Value with { InterfaceName = GetNextName() });

        string GetNextName()
        {
            while (!taken.Add($"eth{number}"))
                number++;
            return $"eth{number}";
        }
    }

    private static NetavarkRequest CreateRequest(
        StasisEngine engine, Container container, IReadOnlyDictionary<string, NetworkAttachment> networks)
    {
        var definitions = networks.Keys.ToDictionary(name => name, engine.Networks.Get);
        return new NetavarkRequest
        {
            ContainerId = container.Id,
            ContainerName = container.Name,
            Hostname = container.Spec.Hostname,
            Networks = WithInterfaceNames(networks).ToDictionary(pair => pair.Key, pair => definitions[pair.Key].DnsEnabled
                ? pair.Value with { Aliases = [.. (pair.Value.Aliases ?? []).Append(container.Id[..12]).Distinct()] } : pair.Value),
            Definitions = definitions,
            PortMappings = container.Config.PortMappings,
            DnsServers = container.Config.DnsServers,
        };
    }
}
