using System.Globalization;
using System.Text.Json;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Finds invalid network names and addresses. netavark would fail on them half-way, and files of the container would get lines that
/// nobody asked for.
/// </summary>
internal static class NetworkValueRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "network-value",
        Finds = "names of interfaces that the kernel doesn't accept, `lo`, names of two interfaces at once; MAC addresses that aren't "
            + "those of one interface; what is no IP address, host name, word of `resolv.conf` or line of `/etc/hosts`",
    };

    private const string Config = "config.dump: ";
    private const string Status = "network.status: ";

    public static IEnumerable<Finding> Check(VettingSubject subject) =>
        from value in Values(subject)
        where value.Why is not null
        select FindingFactory.Never(Rule, value.Where, value.Text, value.Why!);

    private static IEnumerable<(string Where, string Text, string? Why)> Values(VettingSubject subject)
    {
        var config = subject.Config;
        IEnumerable<(string, string, string?)> attached = subject.Replaced.Networks ? [] : [.. Attachments(config), .. Had(subject)];
        return
        [
            .. attached,
            .. Each("dnsServer", config.DnsServers, NetworkValueValidator.WhyNotAddress),
            .. Each("dnsSearch", config.DnsSearch, text => text == "." ? null : NetworkValueValidator.WhyNotWord(text)),
            .. Each("dnsOption", config.DnsOptions, NetworkValueValidator.WhyNotWord),
            .. Each("hostsAdd", config.HostsAdd, NetworkValueValidator.WhyNotHostsEntry),
            .. (config.ExposedPorts ?? new Dictionary<string, IReadOnlyList<string>>()).Select(
                port => ($"{Config}exposedPorts", port.Key, WhyNotExposed(port.Key, port.Value))),
            .. subject.Spec.Hostname is { Length: > 0 } hostname
                ? [("spec.dump: hostname", hostname, NetworkValueValidator.WhyNotDnsName(hostname))]
                : Array.Empty<(string, string, string?)>(),
        ];
    }

    private static IEnumerable<(string, string, string?)> Attachments(ContainerConfig config)
    {
        var attachments = (config.OrderedNetworks ?? []).Select(network => (network.Name, network.Attachment))
            .Concat((config.Networks ?? new Dictionary<string, NetworkAttachment>()).Select(pair => (pair.Key, pair.Value)))
            .DistinctBy(network => network.Item1);
        var (interfaces, macs, addresses) = (new HashSet<string>(), new HashSet<string>(), new HashSet<string>());
        foreach (var (name, attachment) in attachments)
        {
            var where = $"{Config}newNetworks.{name}";
            if (attachment.InterfaceName is { Length: > 0 } device)
                yield return ($"{where}.interface_name", device, NetworkValueValidator.WhyNotInterfaceName(device)
                    ?? Twice(interfaces, device));
            if (attachment.StaticMac is { Length: > 0 } mac)
                yield return ($"{where}.static_mac", mac, NetworkValueValidator.WhyNotMac(mac) ?? Twice(macs, mac.ToUpperInvariant()));
            foreach (var address in attachment.StaticIps ?? [])
                yield return ($"{where}.static_ips", address, NetworkValueValidator.WhyNotAddress(address) ?? Twice(addresses, address));
            foreach (var alias in attachment.Aliases ?? [])
                yield return ($"{where}.aliases", alias, NetworkValueValidator.WhyNotDnsName(alias));
        }
    }

    // Addresses in network.status, which the restore asks for again. A status that is no JSON of its kind is an error of the restore's own.
    private static IEnumerable<(string, string, string?)> Had(VettingSubject subject)
    {
        if (subject.Checkpoint is not { } checkpoint || !File.Exists(checkpoint.NetworkStatus))
            yield break;
        IReadOnlyDictionary<string, NetworkStatus?>? status;
        try
        {
            status = JsonSerializer.Deserialize(
                File.ReadAllBytes(checkpoint.NetworkStatus), EngineJson.Default.IReadOnlyDictionaryStringNetworkStatus);
        }
        catch (JsonException)
        {
            yield break;
        }
        foreach (var (network, block) in status ?? new Dictionary<string, NetworkStatus?>())
        {
            foreach (var (name, device) in block?.Interfaces ?? new Dictionary<string, NetworkInterface>())
            {
                yield return ($"{Status}{network}", name, NetworkValueValidator.WhyNotInterfaceName(name));
                if (device?.MacAddress is { Length: > 0 } mac)
                    yield return ($"{Status}{network}.{name}.mac_address", mac, NetworkValueValidator.WhyNotMac(mac));
                foreach (var address in (device?.Subnets ?? []).Select(subnet => subnet?.IpNet ?? ""))
                    yield return ($"{Status}{network}.{name}.subnets", address, NetworkValueValidator.WhyNotAddress(address.Split('/')[0]));
            }
        }
    }

    private static IEnumerable<(string, string, string?)> Each(string field, IReadOnlyList<string>? values, Func<string, string?> why) =>
        (values ?? []).Select(value => ($"{Config}{field}", value, why(value)));

    private static string? WhyNotExposed(string port, IReadOnlyList<string>? protocols) =>
        !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0 ? "it is no port"
        : (protocols ?? []).Any(protocol => protocol is not ("tcp" or "udp" or "sctp")) ? "its protocol isn't tcp, udp or sctp" : null;

    private static string? Twice(HashSet<string> seen, string value) => seen.Add(value) ? null : "it is there twice";
}

internal static partial class ReferenceCheckList
{
    internal static readonly PolicyCheck NetworkValue = Add(new(272, NetworkValueRule.Check, NetworkValueRule.Rule));
}
