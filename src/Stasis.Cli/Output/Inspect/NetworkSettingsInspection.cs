using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Storage;

namespace Stasis.Cli.Output.Inspect;

/// <summary>
/// The networks of a container (Podman: InspectNetworkSettings). Addresses outside of <see cref="Networks"/> are those of the default
/// network, if the container is on no other.
/// </summary>
internal sealed record NetworkSettingsInspection : NetworkAddressInspection
{
    private const string DefaultNetwork = "podman";

    public string Bridge { get; init; } = "";
    public string SandboxID { get; init; } = "";
    public bool HairpinMode { get; init; }
    public string LinkLocalIPv6Address { get; init; } = "";
    public int LinkLocalIPv6PrefixLen { get; init; }
    public required IReadOnlyDictionary<string, IReadOnlyList<HostPortInspection>?> Ports { get; init; }
    public required string SandboxKey { get; init; }
    public required IReadOnlyDictionary<string, AttachedNetworkInspection> Networks { get; init; }

    public static NetworkSettingsInspection FromContainer(Container container, IReadOnlyList<NetworkConfig> networks, ContainerLayout paths)
    {
        var (config, state) = (container.Config, container.State);
        var attached = config.Networks ?? new Dictionary<string, NetworkAttachment>();
        var ports = HostPortInspection.FromMappings(config.PortMappings).ToDictionary(
            port => port.Key,
            port => (IReadOnlyList<HostPortInspection>?)port.Value);
        foreach (var (port, protocols) in config.NetworkMode == "host" ? [] : config.ExposedPorts?.AsEnumerable() ?? [])
        {
            foreach (var protocol in protocols)
                ports.TryAdd($"{port}/{protocol}", null);
        }
        var settings = new NetworkSettingsInspection
        {
            Ports = ports,
            SandboxKey = config.CreateNetNs && state.IsAlive ? paths.NetNs : "",
            Networks = attached.Count > 0
                ? attached.ToDictionary(
                    network => network.Key,
                    network => AttachedNetworkInspection.FromAttachment(
                        IdOf(network.Key),
                        network.Value,
                        state.Networks?.GetValueOrDefault(network.Key)))
                : new Dictionary<string, AttachedNetworkInspection>
                {
                    [config.NetworkMode ?? ""] = new() { NetworkID = config.NetworkMode ?? "" },
                },
        };
        return attached.Count == 1 && state.Networks?.GetValueOrDefault(DefaultNetwork) is { } only
            ? (NetworkSettingsInspection)settings.With(only)
            : settings;

        string IdOf(string name) => networks.FirstOrDefault(network => network.Name == name)?.Id ?? name;
    }
}
