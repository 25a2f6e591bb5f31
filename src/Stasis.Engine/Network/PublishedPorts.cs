using System.Globalization;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Linux.Network;

namespace Stasis.Engine.Network;

/// <summary>Ports to publish, as <c>-p</c> says them.</summary>
internal static class PublishedPorts
{
    private const int MaxTries = 1000; // a crowded host has some free port among these

    /// <summary>
    /// Reads <c>[[IP:][HOSTPORT]:]PORT[/PROTOCOL]</c>; ports may be ranges of the same length, IPv6 addresses stand in
    /// brackets. A host port that isn't given is 0.
    /// </summary>
    /// <exception cref="StasisException">It doesn't say that.</exception>
    public static PortMapping Parse(string text)
    {
        var (rest, protocol) = text.Split('/') switch
        {
            [var only] => (only, "tcp"),
            [var ports, var name] => (ports, name.ToLowerInvariant()),
            _ => throw Invalid(text, "more than one protocol"),
        };
        if (protocol is not ("tcp" or "udp" or "sctp"))
            throw Invalid(text, $"the protocol {protocol} isn't tcp, udp or sctp");
        var ip = "";
        if (rest.StartsWith('['))
        {
            var end = rest.IndexOf("]:", StringComparison.Ordinal);
            if (end < 0)
                throw Invalid(text, "the address in brackets must be followed by a colon");
            ip = rest[1..end];
            rest = rest[(end + 2)..];
        }
        var parts = rest.Split(':');
        if (parts.Length == 3 && ip.Length == 0)
            (ip, parts) = (parts[0], parts[1..]);
        if (parts.Length is not (1 or 2))
            throw Invalid(text, "it isn't [[IP:][HOSTPORT]:]PORT[/PROTOCOL]");
        if (ip.Length > 0 && !IpAddressParser.TryParse(ip, out _))
            throw Invalid(text, $"{ip} is no IP address");
        var (container, length) = Ports(text, parts[^1]);
        var (host, hostLength) = parts.Length == 2 && parts[0].Length > 0 ? Ports(text, parts[0]) : ((ushort)0, length);
        if (hostLength != length)
            throw Invalid(text, "host and container port ranges have different lengths");
        return new PortMapping { HostIp = ip, HostPort = host, ContainerPort = container, Range = length, Protocol = protocol };
    }

    /// <summary>Chooses free ports of the host for those that left the choice open.</summary>
    public static IReadOnlyList<PortMapping> Choose(IEnumerable<PortMapping> ports, NetworkRequestStore requests)
    {
        var chosen = new List<PortMapping>();
        foreach (var port in ports)
            chosen.Add(port.HostPort != 0 ? port : Choose(port, [.. requests.All().SelectMany(request => request.Ports), .. chosen]));
        return chosen;
    }

    /// <summary>Requires that nobody has the ports: no other container, no program of the host.</summary>
    /// <exception cref="InUseException">One is taken.</exception>
    public static void RefuseTaken(IEnumerable<PortMapping> ports, IEnumerable<NetavarkRequest> others)
    {
        var taken = others.SelectMany(
            request => request.Ports.SelectMany(port => port.HostPorts),
            (request, port) => (request.ContainerName, Port: port)).ToLookup(other => other.Port.Port);
        foreach (var port in ports.SelectMany(port => port.HostPorts))
        {
            if (taken[port.Port].FirstOrDefault(other => Overlap(other.Port, port)) is { ContainerName: { } owner })
                throw new InUseException($"port {Text(port)} is in use: container {owner} publishes it")
                {
                    Remedy = Remedy.Create($"stop {owner}, or publish another port ({new RemedyOption(RemedyOptionKind.Publish)})"),
                };
            if (!FreePort.IsFree(port.Protocol, port.HostIp, port.Port))
                throw new InUseException($"port {Text(port)} is in use by a program on this host")
                {
                    Remedy = Remedy.Create($"end that program, or publish another port ({new RemedyOption(RemedyOptionKind.Publish)})"),
                };
        }
    }

    private static PortMapping Choose(PortMapping port, IReadOnlyCollection<PortMapping> taken)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var candidate = port with { HostPort = (ushort)FreePort.FindFree() };
            if (candidate.HostPort + Math.Max((int)port.Range, 1) - 1 <= ushort.MaxValue
                && candidate.HostPorts.All(wanted => FreePort.IsFree(wanted.Protocol, wanted.HostIp, wanted.Port)
                    && !taken.Any(other => other.HostPorts.Any(used => Overlap(used, wanted)))))
                return candidate;
        }
        throw new StasisException($"no {port.Range} free ports on this host for port {port.ContainerPort} of the container");
    }

    private static bool Overlap((string Protocol, string HostIp, int Port) one, (string Protocol, string HostIp, int Port) other) =>
        one.Protocol == other.Protocol
        && one.Port == other.Port
        && (IsAny(one.HostIp) || IsAny(other.HostIp) || one.HostIp == other.HostIp);

    private static bool IsAny(string ip) => ip is "" or "0.0.0.0" or "::";

    private static string Text((string Protocol, string HostIp, int Port) port)
    {
        var address = port.HostIp.Length == 0 ? "" : port.HostIp.Contains(':') ? $"[{port.HostIp}]:" : $"{port.HostIp}:";
        return $"{address}{port.Port}/{port.Protocol}";
    }

    private static (ushort First, ushort Length) Ports(string text, string range)
    {
        var ends = range.Split('-');
        if (ends.Length > 2 || !TryPort(ends[0], out var first) || !TryPort(ends[^1], out var last) || last < first)
            throw Invalid(text, $"{range} is no port or range of ports (1 to 65535)");
        return (first, (ushort)(last - first + 1));
    }

    private static bool TryPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port > 0;

    private static StasisException Invalid(string text, string why) => new($"cannot publish \"{text}\": {why}")
    {
        Remedy = "say it as [[IP:][HOSTPORT]:]PORT[/PROTOCOL], such as 8080:80 or 127.0.0.1:8080:80/tcp",
    };
}
