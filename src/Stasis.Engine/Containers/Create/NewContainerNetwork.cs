using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers.Create;

/// <summary>The network of a new container.</summary>
/// <param name="Mode">"none", "host" or "bridge", as libpod's networkMode.</param>
/// <param name="Attachments">Its networks, by name.</param>
/// <param name="Ports">Published ports.</param>
/// <param name="Exposed">Exposed ports, with their protocols.</param>
internal sealed record NewContainerNetwork(
    string Mode,
    IReadOnlyDictionary<string, NetworkAttachment> Attachments,
    IReadOnlyList<PortMapping> Ports,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Exposed)
{
    private static readonly string[] NotSupported = ["container", "ns", "pasta", "slirp4netns"];

    /// <summary>Builds the network from the options.</summary>
    /// <exception cref="StasisException">A network doesn't exist, or an address is not in its subnets.</exception>
    public static NewContainerNetwork Build(CreateOptions options, Image image, Layout layout)
    {
        foreach (var entry in options.AddHosts)
        {
            if (entry.Split(':', 2) is not [{ Length: > 0 }, var address]
                || (address != "host-gateway" && !IpAddressParser.TryParse(address, out _)))
                throw new StasisException($"invalid --add-host \"{entry}\": it isn't NAME:ADDRESS");
        }
        foreach (var server in options.Dns)
            IpAddressParser.Parse(server);
        var exposed = ExposedPorts(options, image);
        if (options.Networks is ["none" or "host"])
        {
            if (options is not { Publish.Count: 0, Ip: null, Ip6: null, MacAddress: null, NetworkAliases.Count: 0 })
            {
                throw new StasisException(
                    $"addresses, aliases and published ports need a network: --network {options.Networks[0]} has none of its own")
                {
                    Remedy = "leave --network out, or name a network",
                };
            }
            return new NewContainerNetwork(options.Networks[0], new Dictionary<string, NetworkAttachment>(), [], exposed);
        }
        var attachments = ContainerNetworkAttacher.WithInterfaceNames(Attach(options, new NetworkStore(layout)));
        var ports = options.Publish.Select(PublishedPorts.Parse);
        if (options.PublishAll)
        {
            ports = ports.Concat(exposed.SelectMany(port => port.Value, (port, protocol) => new PortMapping
            {
                ContainerPort = ushort.Parse(port.Key, CultureInfo.InvariantCulture),
                Protocol = protocol,
            }));
        }
        return new NewContainerNetwork("bridge", attachments, PublishedPorts.Choose(ports, new NetworkRequestStore(layout)), exposed);
    }

    /// <summary>Builds the attachments from the options for networks, addresses and aliases.</summary>
    public static Dictionary<string, NetworkAttachment> Attach(CreateOptions options, NetworkStore store)
    {
        var attachments = new Dictionary<string, NetworkAttachment>();
        foreach (var text in options.Networks.Count > 0 ? options.Networks : ["bridge"])
        {
            var (name, attachment) = Parse(text);
            var network = store.Get(name is "private" ? "bridge" : name);
            var aliases = attachment.Aliases ?? (options.NetworkAliases.Count > 0 ? options.NetworkAliases : null);
            if (!attachments.TryAdd(network.Name, attachment with { Aliases = aliases }))
                throw new StasisException($"network {network.Name} is given twice");
        }
        string[] asked = [.. new[] { options.Ip, options.Ip6 }.OfType<string>()];
        if (asked.Length > 0 || options.MacAddress is not null)
        {
            if (attachments.Count > 1)
            {
                throw new StasisException("--ip, --ip6 and --mac-address can only be set with one network")
                {
                    Remedy = "use --network NAME:ip=ADDRESS,mac=ADDRESS for each",
                };
            }
            var (name, only) = attachments.Single();
            attachments[name] = only with
            {
                StaticIps = asked.Length > 0 ? asked : only.StaticIps,
                StaticMac = options.MacAddress ?? only.StaticMac,
            };
        }
        foreach (var (name, attachment) in attachments)
            attachments[name] = Validate(store.Get(name), attachment);
        return attachments;
    }

    private static (string Name, NetworkAttachment Attachment) Parse(string text)
    {
        var (name, rest) = text.Split(':', 2) is [var before, var after] ? (before, after) : (text, "");
        if (NotSupported.Contains(name))
        {
            throw new StasisException($"network mode {text} is not supported")
            {
                Remedy = "use --network none, host, or the name of a network (stasis network ls)",
            };
        }
        if (name is "none" or "host")
            throw new StasisException($"cannot set multiple networks with {name}, or options for it");
        var attachment = new NetworkAttachment();
        var (ips, aliases) = (new List<string>(), new List<string>());
        foreach (var option in rest.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (option.Split('=', 2))
            {
                case ["ip" or "ip6", var ip]:
                    ips.Add(ip);
                    break;
                case ["mac", var mac]:
                    attachment = attachment with { StaticMac = mac };
                    break;
                case ["alias", var alias]:
                    aliases.Add(alias);
                    break;
                case ["interface_name", var device]:
                    attachment = attachment with { InterfaceName = device };
                    break;
                default:
                    throw new StasisException($"unknown option \"{option}\" for network {name}")
                    {
                        Remedy = "there are ip=, ip6=, mac=, alias= and interface_name=",
                    };
            }
        }
        return (name, attachment with { StaticIps = ips.Count > 0 ? ips : null, Aliases = aliases.Count > 0 ? aliases : null });
    }

    private static NetworkAttachment Validate(NetworkConfig network, NetworkAttachment attachment)
    {
        foreach (var ip in (attachment.StaticIps ?? []).Select(IpAddressParser.Parse))
        {
            if (network.Subnets?.Any(subnet => IPNetwork.Parse(subnet.Subnet).Contains(ip)) != true)
            {
                throw new StasisException($"requested static ip {ip} not in any subnet on network {network.Name}")
                {
                    Remedy = $"its subnets are {string.Join(", ", (network.Subnets ?? []).Select(subnet => subnet.Subnet))}",
                };
            }
        }
        if (attachment.InterfaceName is { Length: > 0 } device && NetworkValueValidator.WhyNotInterfaceName(device) is { } why)
            throw new StasisException($"interface name \"{device}\": {why}") { Remedy = "choose another interface_name=" };
        return attachment.StaticMac is { } mac ? attachment with { StaticMac = Mac(mac) } : attachment;
    }

    private static string Mac(string text)
    {
        if (PhysicalAddress.TryParse(text.Replace(':', '-').ToUpperInvariant(), out var mac)
            && mac.GetAddressBytes() is { Length: 6 } bytes
            && NetworkValueValidator.WhyNotMac(text) is null)
            return string.Join(':', bytes.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
        throw new StasisException($"\"{text}\" is no MAC address, such as 92:d0:c6:0a:29:33");
    }

    private static Dictionary<string, IReadOnlyList<string>> ExposedPorts(CreateOptions options, Image image) =>
        options.Expose.Concat(image.Config.ExposedPorts ?? []).Select(PublishedPorts.Parse)
            .SelectMany(port => port.HostPorts.Select((_, offset) => (Port: port.ContainerPort + offset, port.Protocol)))
            .GroupBy(port => port.Port)
            .ToDictionary(
                group => group.Key.ToString(CultureInfo.InvariantCulture),
                group => (IReadOnlyList<string>)[.. group.Select(port => port.Protocol).Distinct()]);
}
