using System.Net;
using System.Net.NetworkInformation;
using System.Text;
using Stasis.Engine.Model;

namespace Stasis.Engine.Network;

/// <summary>Forms of names and addresses of networks. Each method says what is wrong with a value, or null if nothing is.</summary>
internal static class NetworkValueValidator
{
    private const int MaxInterfaceNameLength = 15; // kernel: IFNAMSIZ without the zero byte
    private const int MaxNameLength = 253, MaxLabelLength = 63; // RFC 1035, 2.3.4
    private static readonly string[] Protocols = ["tcp", "udp", "sctp"];

    /// <summary>
    /// An interface's name: the kernel's rules (net/core/dev.c: dev_valid_name), and no pattern ("eth%d") or loopback.
    /// </summary>
    public static string? WhyNotInterfaceName(string name) =>
        Encoding.UTF8.GetByteCount(name) is 0 or > MaxInterfaceNameLength ? $"it must have 1 to {MaxInterfaceNameLength} bytes"
        : name is "." or ".." or "lo" ? $"\"{name}\" is taken"
        : name.Any(c => c is '/' or ':' or '%' || char.IsWhiteSpace(c) || char.IsControl(c))
            ? "it has '/', ':', '%', white space or controls" : null;

    /// <summary>A MAC address of one interface.</summary>
    public static string? WhyNotMac(string text) =>
        text.Count(c => c is ':' or '-') != 5
        || !PhysicalAddress.TryParse(text.Replace(':', '-').ToUpperInvariant(), out var mac)
        || mac.GetAddressBytes() is not { Length: 6 } bytes
            ? "it is no MAC address, such as 92:d0:c6:0a:29:33"
            : (bytes[0] & 1) != 0 ? "it is the address of a group, not of an interface"
            : bytes.All(b => b == 0) ? "it is all zeros" : null;

    /// <summary>An IP address.</summary>
    public static string? WhyNotAddress(string text) => IpAddressParser.TryParse(text, out _) ? null : "it is no IP address";

    /// <summary>A name that DNS can hold. Underscores are accepted, as resolvers do.</summary>
    public static string? WhyNotDnsName(string name) =>
        name.Length is 0 or > MaxNameLength ? $"it must have 1 to {MaxNameLength} characters"
        : name.Split('.').Any(label => label.Length is 0 or > MaxLabelLength) ? $"its parts must have 1 to {MaxLabelLength} characters"
        : name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? null
        : "it has characters other than a-z, A-Z, 0-9, '-', '_' and '.'";

    /// <summary>A word of resolv.conf.</summary>
    public static string? WhyNotWord(string text) =>
        text.Length is 0 or > MaxNameLength ? $"it must have 1 to {MaxNameLength} characters"
        : text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) ? "it has white space or controls" : null;

    /// <summary>A published port, or range of ports.</summary>
    public static string? WhyNotPort(PortMapping port)
    {
        var last = Math.Max((int)port.Range, 1) - 1;
        return port.HostPort == 0 || port.ContainerPort == 0 ? "there is no port 0"
            : port.HostPort + last > ushort.MaxValue || port.ContainerPort + last > ushort.MaxValue ? "its range goes beyond port 65535"
            : port.HostIp.Length > 0 && WhyNotAddress(port.HostIp) is { } why ? $"its address \"{port.HostIp}\": {why}"
            : port.Protocol.Length > 0 && port.Protocol.Split(',').Except(Protocols).Any()
                ? $"its protocol \"{port.Protocol}\" isn't tcp, udp or sctp"
            : null;
    }

    /// <summary>An entry of /etc/hosts: <c>NAME[;NAME…]:ADDRESS</c>.</summary>
    public static string? WhyNotHostsEntry(string entry)
    {
        if (entry.Split(':', 2) is not [var names, var address])
            return "it isn't NAME[;NAME…]:ADDRESS";
        return names.Split(';').Select(WhyNotDnsName).FirstOrDefault(why => why is not null)
            ?? (address == "host-gateway" ? null : WhyNotAddress(address.Trim('[', ']')));
    }

    /// <summary>An address within a subnet that a container may have.</summary>
    public static string? WhyNotContainers(AddressPool pool, IPAddress address) =>
        address.Equals(pool.Gateway) ? "it is the network's gateway"
        : !pool.IsHost(address) ? "it is the subnet's own address, or that of broadcasts" : null;

    /// <summary>How a port is named: <c>[IP:]PORT[-LAST][/PROTOCOL]</c>, the protocol unless it is tcp.</summary>
    public static string Text(PortMapping port)
    {
        var address = port.HostIp.Length == 0 ? "" : port.HostIp.Contains(':') ? $"[{port.HostIp}]:" : $"{port.HostIp}:";
        var last = port.Range > 1 ? $"-{port.HostPort + port.Range - 1}" : "";
        return $"{address}{port.HostPort}{last}{(port.Protocol is "" or "tcp" ? "" : $"/{port.Protocol}")}";
    }
}
