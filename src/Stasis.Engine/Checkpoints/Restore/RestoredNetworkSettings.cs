using Stasis.Engine.Archive;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Vetting.Policy;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// The networks of a container that is restored. Under its old name it asks for the addresses it had; under a new one, since the same
/// archive may be restored many times, for none of them, not even those that it was once created with.
/// </summary>
internal static class RestoredNetworkSettings
{
    /// <summary>Requires that addresses and ports can be parsed.</summary>
    /// <exception cref="StasisException">One can't.</exception>
    public static void Validate(RestoreNetworkOptions options)
    {
        foreach (var port in options.Publish)
            _ = PublishedPorts.Parse(port);
        if (options.Ip is { } address)
            _ = IpAddressParser.Parse(address);
    }

    /// <summary>The container's configuration with the networks, addresses and ports that this restore asks for.</summary>
    /// <exception cref="StasisException">The container can't be restored there, or a network or port can't be had.</exception>
    public static ContainerConfig Apply(ContainerConfig config, RestoreOptions options, StasisEngine engine)
    {
        var asked = options.Network;
        if (!AsksForNetwork(asked))
        {
            return config.NetworkMode switch
            {
                "bridge" when config.CreateNetNs => WithoutTaken(Normalize(config), options),
                "none" or "host" or "bridge" or "" or null => config,
                var mode => throw new StasisException($"container {config.Name} has the network mode {mode}, which is not supported")
                {
                    Remedy = "say where it shall be: --network podman, or --network none",
                },
            };
        }
        if (asked.Networks is ["none" or "host"] || !config.CreateNetNs)
            return WithMode(config, asked);
        var known = Normalize(config);
        var attachments = asked.Networks.Count > 0 || known.Networks!.Count == 0 || asked.Ip is not null || asked.MacAddress is not null
            ? NewContainerNetwork.Attach(ToCreateOptions(known, asked), new NetworkStore(engine.Layout))
            : known.Networks;
        var ports = asked.Publish.Count > 0
            ? PublishedPorts.Choose(asked.Publish.Select(PublishedPorts.Parse), engine.Networks.Requests)
            : known.PortMappings;
        var networks = ContainerNetworkAttacher.WithInterfaceNames(attachments);
        return WithoutTaken(known with { NetworkMode = "bridge", Networks = networks, PortMappings = ports }, options);
    }

    /// <summary>
    /// What this start of the container asks for: the addresses that it had, unless they are to be ignored or others are asked for.
    /// </summary>
    /// <param name="config">The configuration, to which this restore's options have been applied.</param>
    /// <param name="checkpoint">The checkpoint's files, of which one may be network.status.</param>
    /// <param name="archive">What messages call the checkpoint's source.</param>
    /// <param name="options">How the container is restored.</param>
    /// <exception cref="ArchiveException">network.status isn't what it must be.</exception>
    public static IReadOnlyDictionary<string, NetworkAttachment>? Attachments(
        ContainerConfig config, CheckpointEntryPaths checkpoint, string archive, RestoreOptions options)
    {
        if (config.Networks is not { Count: > 0 } networks || options.Identity.Name is not null || options.Network.Networks.Count > 0)
            return config.Networks;
        if (ReadStatus(checkpoint, archive) is not { } had)
            return networks;
        return networks.ToDictionary(pair => pair.Key, pair => had.GetValueOrDefault(pair.Key) is { Interfaces: { Count: > 0 } interfaces }
            ? WithAddresses(pair.Value, interfaces.First().Key, interfaces.First().Value, options.Network) : pair.Value);
    }

    /// <summary>What the container had on its networks, by their names; null if it isn't known.</summary>
    /// <exception cref="ArchiveException">network.status isn't what it must be.</exception>
    public static IReadOnlyDictionary<string, NetworkStatus>? ReadStatus(CheckpointEntryPaths checkpoint, string archive)
    {
        // Podman writes "null" for a container that had none.
        if (!File.Exists(checkpoint.NetworkStatus) || File.ReadAllText(checkpoint.NetworkStatus).Trim() is "null")
            return null;
        var json = EngineJson.Default.IReadOnlyDictionaryStringNetworkStatus;
        var status = ArchiveUnpacker.ReadJson(archive, checkpoint.Path, ArchiveEntryNames.NetworkStatus, json);
        DumpJsonValidator.Require(status, archive);
        return status;
    }

    private static NetworkAttachment WithAddresses(
        NetworkAttachment attachment, string name, NetworkInterface had, RestoreNetworkOptions options)
    {
        var addresses = (had.Subnets ?? []).Select(subnet => subnet.IpNet.Split('/')[0]);
        return attachment with
        {
            InterfaceName = name,
            StaticIps = options.Ip is not null || options.IgnoreStaticIp ? attachment.StaticIps : [.. addresses],
            StaticMac = options.MacAddress is not null || options.IgnoreStaticMac ? attachment.StaticMac : had.MacAddress,
        };
    }

    // Podman 6's ordered list becomes the table that earlier ones have. A bridge without networks is on the default one.
    private static ContainerConfig Normalize(ContainerConfig config)
    {
        var networks = config.OrderedNetworks?.ToDictionary(network => network.Name, network => network.Attachment)
            ?? config.Networks
            ?? new Dictionary<string, NetworkAttachment>();
        if (networks.Count == 0)
            networks = new Dictionary<string, NetworkAttachment> { [NetworkStore.Default.Name] = new() };
        return config with { Networks = networks, OrderedNetworks = null };
    }

    private static ContainerConfig WithoutTaken(ContainerConfig config, RestoreOptions options)
    {
        var (asked, isRenamed) = (options.Network, options.Identity.Name is not null);
        var keepsNetworks = asked.Networks.Count == 0;
        var dropIp = keepsNetworks && asked.Ip is null && (isRenamed || asked.IgnoreStaticIp);
        var dropMac = keepsNetworks && asked.MacAddress is null && (isRenamed || asked.IgnoreStaticMac);
        return config with
        {
            Networks = config.Networks!.ToDictionary(pair => pair.Key, pair => pair.Value with
            {
                StaticIps = dropIp ? null : pair.Value.StaticIps,
                StaticMac = dropMac ? null : pair.Value.StaticMac,
            }),
        };
    }

    // Addresses given without a network are for those that the container had.
    private static CreateOptions ToCreateOptions(ContainerConfig config, RestoreNetworkOptions options) => new()
    {
        Image = "",
        Networks = options.Networks.Count > 0 ? options.Networks : [.. config.Networks!.Keys],
        Ip = options.Ip,
        MacAddress = options.MacAddress,
    };

    private static ContainerConfig WithMode(ContainerConfig config, RestoreNetworkOptions options)
    {
        if (!config.CreateNetNs && options.Networks is not ["host"])
        {
            throw new StasisException(
                $"container {config.Name} was on the host's network when it was checkpointed, and can't be restored with one of its own")
            {
                Remedy = "leave out --network, --ip, --mac-address and --publish",
            };
        }
        if (config.CreateNetNs && options.Networks is ["host"])
        {
            throw new StasisException(
                $"container {config.Name} had a network of its own when it was checkpointed, and can't be restored on the host's");
        }
        if (options.Ip is not null || options.MacAddress is not null || options.Publish.Count > 0)
        {
            throw new StasisException(
                $"--ip, --mac-address and --publish need a network: --network {options.Networks[0]} has none of its own")
            {
                Remedy = "leave them out, or name a network (stasis network ls)",
            };
        }
        return options.Networks is ["none"]
            ? config with { NetworkMode = "none", Networks = null, OrderedNetworks = null, PortMappings = null }
            : config;
    }

    private static bool AsksForNetwork(RestoreNetworkOptions options) =>
        options.Networks.Count > 0 || options.Ip is not null || options.MacAddress is not null || options.Publish.Count > 0;
}
