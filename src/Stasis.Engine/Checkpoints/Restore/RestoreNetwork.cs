using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Vetting.Policy;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// The networks of a container that is restored. Under its old name it asks for the addresses it had; under a new one, since the same archive may
/// be restored many times, for none of them, not even those that it was once created with.
/// </summary>
internal static class RestoreNetwork
{
    /// <summary>The container's configuration with the networks, addresses and ports that this restore asks for.</summary>
    public static ContainerConfig Apply(ContainerConfig config, RestoreOptions options, StasisEngine engine)
    {
        if (!AsksForNetwork(options))
        {
            return config.NetworkMode switch
            {
                "bridge" when config.CreateNetNs => WithoutTaken(Known(config), options),
                "none" or "host" or "bridge" or "" or null => config,
                var mode => throw new StasisException($"container {config.Name} has the network mode {mode}, which is not supported") { Remedy = "say where it shall be: --network podman, or --network none" },
            };
        }
        if (options.Networks is ["none" or "host"] || !config.CreateNetNs)
            return WithMode(config, options);
        var known = Known(config);
        var attachments = options.Networks.Count > 0 || known.Networks!.Count == 0 || options.Ip is not null || options.MacAddress is not null
            ? CreateNetwork.Attach(Asked(known, options), new NetworkStore(engine.Layout))
            : known.Networks;
        return WithoutTaken(known with
        {
            NetworkMode = "bridge",
            Networks = ContainerNetwork.WithInterfaceNames(attachments),
            PortMappings = options.Publish.Count > 0 ? PublishedPorts.Choose(options.Publish.Select(PublishedPorts.Parse), engine.Networks.Requests) : known.PortMappings,
        }, options);
    }

    /// <summary>What this start of the container asks for: the addresses that it had, unless they are to be ignored or others are asked for.</summary>
    /// <param name="config">The configuration, to which this restore's options have been applied.</param>
    /// <param name="checkpoint">Where network.status may be.</param>
    /// <param name="archive">Named in errors.</param>
    /// <param name="options">What is asked for.</param>
    public static IReadOnlyDictionary<string, NetworkAttachment>? Attachments(ContainerConfig config, CheckpointFolder checkpoint, string archive, RestoreOptions options)
    {
        if (config.Networks is not { Count: > 0 } networks || options.Name is not null || options.Networks.Count > 0 || !File.Exists(checkpoint.NetworkStatus))
            return config.Networks;
        if (File.ReadAllText(checkpoint.NetworkStatus).Trim() is "null") // Podman's, of a container that had none
            return networks;
        var had = ArchiveReader.ReadJson(archive, checkpoint.Path, ArchiveEntryNames.NetworkStatus, EngineJson.Default.IReadOnlyDictionaryStringNetworkStatus);
        DumpJsonValidator.Require(had, archive);
        return networks.ToDictionary(pair => pair.Key, pair => had.GetValueOrDefault(pair.Key) is { Interfaces: { Count: > 0 } interfaces }
            ? AsBefore(pair.Value, interfaces.First(), options) : pair.Value);
    }

    private static NetworkAttachment AsBefore(NetworkAttachment attachment, KeyValuePair<string, NetworkInterface> had, RestoreOptions options) => attachment with
    {
        InterfaceName = had.Key,
        StaticIps = options.Ip is not null || options.IgnoreStaticIp ? attachment.StaticIps : [.. (had.Value.Subnets ?? []).Select(subnet => subnet.IpNet.Split('/')[0])],
        StaticMac = options.MacAddress is not null || options.IgnoreStaticMac ? attachment.StaticMac : had.Value.MacAddress,
    };

    // Podman 6's ordered list becomes the table that earlier ones have. A bridge without networks is on the default one.
    private static ContainerConfig Known(ContainerConfig config)
    {
        var networks = config.OrderedNetworks?.ToDictionary(network => network.Name, network => network.Attachment) ?? config.Networks ?? new Dictionary<string, NetworkAttachment>();
        return config with { Networks = networks.Count > 0 ? networks : new Dictionary<string, NetworkAttachment> { [NetworkStore.Default.Name] = new() }, OrderedNetworks = null };
    }

    private static ContainerConfig WithoutTaken(ContainerConfig config, RestoreOptions options)
    {
        var dropIp = options.Ip is null && options.Networks.Count == 0 && (options.Name is not null || options.IgnoreStaticIp);
        var dropMac = options.MacAddress is null && options.Networks.Count == 0 && (options.Name is not null || options.IgnoreStaticMac);
        return config with
        {
            Networks = config.Networks!.ToDictionary(pair => pair.Key, pair => pair.Value with
            {
                StaticIps = dropIp ? null : pair.Value.StaticIps,
                StaticMac = dropMac ? null : pair.Value.StaticMac,
            }),
        };
    }

    // Addresses given without a network are meant for those that it had.
    private static CreateOptions Asked(ContainerConfig config, RestoreOptions options) => new()
    {
        Image = "",
        Networks = options.Networks.Count > 0 ? options.Networks : [.. config.Networks!.Keys],
        Ip = options.Ip,
        MacAddress = options.MacAddress,
    };

    private static ContainerConfig WithMode(ContainerConfig config, RestoreOptions options)
    {
        if (!config.CreateNetNs && options.Networks is not ["host"])
        {
            throw new StasisException($"container {config.Name} was on the host's network when it was checkpointed, and can't be restored with one of its own")
            {
                Remedy = "leave out --network, --ip, --mac-address and --publish",
            };
        }
        if (config.CreateNetNs && options.Networks is ["host"])
            throw new StasisException($"container {config.Name} had a network of its own when it was checkpointed, and can't be restored on the host's");
        if (options.Ip is not null || options.MacAddress is not null || options.Publish.Count > 0)
            throw new StasisException($"--ip, --mac-address and --publish need a network: --network {options.Networks[0]} has none of its own")
            {
                Remedy = "leave them out, or name a network (stasis network ls)",
            };
        return options.Networks is ["none"] ? config with { NetworkMode = "none", Networks = null, OrderedNetworks = null, PortMappings = null } : config;
    }

    private static bool AsksForNetwork(RestoreOptions options) =>
        options.Networks.Count > 0 || options.Ip is not null || options.MacAddress is not null || options.Publish.Count > 0;
}
