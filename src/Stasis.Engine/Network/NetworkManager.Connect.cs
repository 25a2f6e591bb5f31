using System.Net;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Network;

namespace Stasis.Engine.Network;

public sealed partial class NetworkManager
{
    /// <summary>
    /// Attaches the network namespace at <paramref name="netns"/>: gives out addresses, and has netavark make
    /// interfaces, routes, firewall rules and names. Failed, nothing is left of it.
    /// </summary>
    /// <returns>What it has got, by network.</returns>
    /// <exception cref="InUseException">An address or a port that was asked for is taken.</exception>
    internal async Task<IReadOnlyDictionary<string, NetworkStatus>> ConnectAsync(
        NetavarkRequest wanted, string netns, CancellationToken cancellationToken)
    {
        using var held = await LockAsync(cancellationToken);
        var others = Requests.All().Where(request => request.ContainerId != wanted.ContainerId).ToList();
        PublishedPorts.RefuseTaken(wanted.Ports, others);
        var request = wanted with
        {
            Networks = wanted.Networks.ToDictionary(pair => pair.Key, pair => Assign(wanted.Definitions[pair.Key], pair.Value, others)),
        };
        Requests.Write(request);
        FaultPoint.Hit("network.requested");
        try
        {
            return await new Netavark(_engine.Layout, _engine.Log).SetUpAsync(request, netns, cancellationToken);
        }
        catch
        {
            await TakeDownAsync(request, netns, isLast: true);
            throw;
        }
    }

    /// <summary>Undoes <see cref="ConnectAsync"/>, whatever came of it. Nothing where it never was.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="netns">Its network namespace, which need not be there.</param>
    /// <param name="isLast">
    /// Whether nobody tries again, as the container goes away: what netavark can't take down is then forgotten, with a warning that says
    /// so.
    /// </param>
    /// <exception cref="StasisException">netavark can't take it down, and it isn't the last try.</exception>
    internal async Task DisconnectAsync(string containerId, string netns, bool isLast = false)
    {
        if (Requests.Find(containerId) is null)
            return;
        using var held = await LockAsync(CancellationToken.None);
        if (Requests.Find(containerId) is { } request)
            await TakeDownAsync(request, netns, isLast);
    }

    /// <summary>
    /// Requires that what is asked for can be had now: networks are there, addresses in their subnets, and neither they
    /// nor ports are taken.
    /// </summary>
    internal void Check(IReadOnlyDictionary<string, NetworkAttachment> attachments, IReadOnlyList<PortMapping> ports)
    {
        var others = Requests.All().ToList();
        foreach (var (name, attachment) in attachments)
            RefuseTaken(Get(name), attachment, others);
        PublishedPorts.RefuseTaken(ports, others);
    }

    private async Task TakeDownAsync(NetavarkRequest request, string netns, bool isLast)
    {
        var netavark = new Netavark(_engine.Layout, _engine.Log);
        // netavark wants a namespace, even to remove the host's side alone.
        var isMissing = !Mount.IsMountPoint(netns);
        if (isMissing)
            Renew(netns);
        try
        {
            await netavark.TakeDownAsync(request, netns);
        }
        catch (StasisException)
        {
            // netavark 1.4 takes down only what is whole: half of it, or nothing, is first completed, in a new
            // namespace (the old one's interfaces go with it).
            Renew(netns);
            await CompleteAndTakeDownAsync(netavark, request, netns, isLast);
        }
        finally
        {
            if (isMissing)
                NetworkNamespace.Remove(netns);
        }
        Requests.Delete(request.ContainerId);
    }

    private async Task CompleteAndTakeDownAsync(Netavark netavark, NetavarkRequest request, string netns, bool isLast)
    {
        try
        {
            await netavark.SetUpAsync(request, netns, CancellationToken.None);
            await netavark.TakeDownAsync(request, netns);
        }
        catch (Exception e) when (isLast && e is StasisException or TimeoutException)
        {
            // The interfaces on the host go with those in the namespace.
            Renew(netns);
            _engine.Warn(
                $"the network of container {request.ContainerName} can't be taken down: {e.Message}; its interfaces are removed, its "
                + "addresses and ports are free again, but firewall rules for them may be left (nft list ruleset, or iptables-save, "
                + "shows them), and its bridge, until the next container on it ends");
        }
    }

    private static void Renew(string netns)
    {
        NetworkNamespace.Remove(netns);
        NetworkNamespace.Create(netns);
    }

    /// <summary>An attachment with an address in each of the network's subnets: those asked for, else free ones.</summary>
    private NetworkAttachment Assign(NetworkConfig network, NetworkAttachment attachment, IReadOnlyList<NetavarkRequest> others)
    {
        RefuseTaken(network, attachment, others);
        var asked = (attachment.StaticIps ?? []).Select(IpAddressParser.Parse).ToList();
        var addresses = Pools(network).Select(pool => asked.Find(pool.Subnet.Contains) ?? Give(network, pool, others));
        return attachment with { StaticIps = [.. addresses.Select(address => address.ToString())] };
    }

    private static void RefuseTaken(NetworkConfig network, NetworkAttachment attachment, IReadOnlyList<NetavarkRequest> others)
    {
        RequireForm(network, attachment);
        var (ip, noIp) = (new RemedyOption(RemedyOptionKind.IpAddress), new RemedyOption(RemedyOptionKind.IgnoreStaticIp));
        var subnets = string.Join(", ", Pools(network).Select(pool => pool.Subnet));
        foreach (var address in (attachment.StaticIps ?? []).Select(IpAddressParser.Parse))
        {
            if (Pools(network).FirstOrDefault(pool => pool.Subnet.Contains(address)) is not { } home)
            {
                throw new StasisException($"requested static ip {address} not in any subnet on network {network.Name}")
                {
                    Remedy = Remedy.Create(
                        $"its subnets are {subnets}; ask for one of theirs ({ip}), or for none ({noIp} when restoring)"),
                };
            }
            if (NetworkValueValidator.WhyNotContainers(home, address) is { } why)
            {
                throw new StasisException($"requested static ip {address} on network {network.Name}: {why}")
                {
                    Remedy = Remedy.Create($"ask for another address ({ip}), or for none ({noIp} when restoring)"),
                };
            }
            if (others.FirstOrDefault(request => request.AddressesIn(network.Name).Contains(address.ToString())) is { } owner)
            {
                throw new InUseException($"requested ip address {address} is already allocated to container {owner.ContainerName}")
                {
                    Remedy = Remedy.Create(
                        $"stop that container, or ask for another address ({ip}), or for none ({noIp} when restoring)"),
                };
            }
        }
        if (attachment.StaticMac is { } mac && others.FirstOrDefault(request => request.Networks.TryGetValue(network.Name, out var other)
            && string.Equals(other.StaticMac, mac, StringComparison.OrdinalIgnoreCase)) is { } twin)
        {
            var (given, ignored) = (new RemedyOption(RemedyOptionKind.MacAddress), new RemedyOption(RemedyOptionKind.IgnoreStaticMac));
            throw new InUseException($"requested mac address {mac} is already used by container {twin.ContainerName}")
            {
                Remedy = Remedy.Create($"stop that container, or ask for another ({given}), or for none ({ignored} when restoring)"),
            };
        }
    }

    // What the kernel wouldn't accept would have netavark fail half-way.
    private static void RequireForm(NetworkConfig network, NetworkAttachment attachment)
    {
        Require("interface name", attachment.InterfaceName, NetworkValueValidator.WhyNotInterfaceName);
        Require("MAC address", attachment.StaticMac, NetworkValueValidator.WhyNotMac);

        void Require(string what, string? value, Func<string, string?> whyNot)
        {
            if (value is { Length: > 0 } && whyNot(value) is { } why)
                throw new StasisException($"network {network.Name}: {what} \"{value}\": {why}") { Remedy = $"choose another {what}" };
        }
    }

    private static IEnumerable<AddressPool> Pools(NetworkConfig network) =>
        (network.Subnets ?? []).Select(subnet => new AddressPool(subnet));

    private static RemedyCall LargerSubnet => new(RemedyCallKind.CreateNetworkWithSubnet);

    private IPAddress Give(NetworkConfig network, AddressPool pool, IReadOnlyList<NetavarkRequest> others)
    {
        var taken = others.SelectMany(request => request.AddressesIn(network.Name)).Select(IPAddress.Parse).ToHashSet();
        var lastFile = _engine.Layout.LastAddress(pool.Subnet.ToString());
        var last = File.Exists(lastFile) && IPAddress.TryParse(File.ReadAllText(lastFile), out var address) ? address : null;
        var next = pool.Next(last, taken)
            ?? throw new StasisException($"no free IP address left in {pool.Subnet} of network {network.Name}")
            {
                Remedy = Remedy.Create(
                    $"stop containers that use it, or make a network with a larger subnet ({LargerSubnet})"),
            };
        PrivateDirectory.Create(Path.GetDirectoryName(lastFile)!);
        AtomicFile.Write(lastFile, System.Text.Encoding.ASCII.GetBytes(next.ToString()), durable: false);
        return next;
    }
}
