using Stasis.Engine.Common;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;
using Stasis.Engine.Network;

namespace Stasis.Engine.Containers.Files;

/// <summary>A container's place on its networks.</summary>
internal static class ContainerNetwork
{
    /// <summary>Attaches its network namespace, and records what it has got. Nothing for a container without networks.</summary>
    public static async Task ConnectAsync(LockedContainer locked, IReadOnlyDictionary<string, NetworkAttachment>? networks, CancellationToken cancellation)
    {
        if (networks is not { Count: > 0 })
            return;
        var status = await locked.Engine.Networks.ConnectAsync(Request(locked.Engine, locked.Container, networks), locked.Paths.NetNs, cancellation);
        locked.Save(locked.State with { Networks = status });
        FaultPoint.Hit("network.connected");
    }

    /// <summary>A name for each interface that has none: eth0, eth1, …</summary>
    public static IReadOnlyDictionary<string, NetworkAttachment> WithInterfaceNames(IReadOnlyDictionary<string, NetworkAttachment> networks)
    {
        var taken = networks.Values.Select(attachment => attachment.InterfaceName).ToHashSet();
        var number = 0;
        return networks.ToDictionary(pair => pair.Key, pair => pair.Value.InterfaceName.Length > 0 ? pair.Value : pair.Value with { InterfaceName = Next() });

        string Next()
        {
            while (!taken.Add($"eth{number}"))
                number++;
            return $"eth{number}";
        }
    }

    private static NetavarkRequest Request(StasisEngine engine, Container container, IReadOnlyDictionary<string, NetworkAttachment> networks)
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
