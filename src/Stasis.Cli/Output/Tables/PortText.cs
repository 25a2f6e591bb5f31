using System.Globalization;
using Stasis.Engine.Model;

namespace Stasis.Cli.Output.Tables;

/// <summary>Formats ports for <c>ps</c>: <c>0.0.0.0:8080->80/tcp, 443/tcp</c> (Podman: portsToString).</summary>
internal static class PortText
{
    private const string AllAddresses = "0.0.0.0";

    public static string Format(ContainerConfig config)
    {
        var published = config.PortMappings ?? [];
        var open = Singles(published).Select(port => (port.Protocol, Port: port.ContainerPort)).ToHashSet();
        var exposed = (config.ExposedPorts ?? new Dictionary<string, IReadOnlyList<string>>())
            .SelectMany(
                port => port.Value.Select(protocol => (Protocol: protocol, Port: int.Parse(port.Key, CultureInfo.InvariantCulture))))
            .Where(port => !open.Contains(port)).OrderBy(port => port.Protocol, StringComparer.Ordinal).ThenBy(port => port.Port);
        return string.Join(", ", published.Select(Format).Concat(Ranges(exposed)));
    }

    /// <summary>The single ports of mappings, with ranges and lists of protocols expanded.</summary>
    public static IEnumerable<(string Protocol, int ContainerPort, string HostIp, int HostPort)> Singles(
        IEnumerable<PortMapping> mappings) =>
        from mapping in mappings
        from protocol in mapping.Protocol.Split(',')
        from offset in Enumerable.Range(0, Math.Max((int)mapping.Range, 1))
        select (protocol, mapping.ContainerPort + offset, Address(mapping), mapping.HostPort + offset);

    private static string Format(PortMapping port) =>
        $"{Address(port)}:{Range(port.HostPort, port.Range)}->{Range(port.ContainerPort, port.Range)}/{port.Protocol}";

    private static string Address(PortMapping port) => port.HostIp.Length > 0 ? port.HostIp : AllAddresses;

    private static string Range(int first, int count) => count > 1 ? $"{first}-{first + count - 1}" : $"{first}";

    // Adjacent ports become one range.
    private static IEnumerable<string> Ranges(IEnumerable<(string Protocol, int Port)> ports) => ports
        .Select((port, index) => (port.Protocol, port.Port, Run: port.Port - index))
        .GroupBy(port => (port.Protocol, port.Run))
        .Select(run => $"{Range(run.First().Port, run.Count())}/{run.Key.Protocol}");
}
