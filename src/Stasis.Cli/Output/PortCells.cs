using System.Globalization;
using Stasis.Engine.Containers;
using Stasis.Engine.Network;

namespace Stasis.Cli.Output;

/// <summary>Ports as <c>ps</c> shows them: <c>0.0.0.0:8080->80/tcp, 443/tcp</c> (Podman: portsToString).</summary>
internal static class PortCells
{
    public static string Of(ContainerConfig config)
    {
        var published = config.PortMappings ?? [];
        var open = published.SelectMany(Singles).ToHashSet();
        var exposed = (config.ExposedPorts ?? new Dictionary<string, IReadOnlyList<string>>())
            .SelectMany(port => port.Value.Select(protocol => (Protocol: protocol, Port: int.Parse(port.Key, CultureInfo.InvariantCulture))))
            .Where(port => !open.Contains(port)).OrderBy(port => port.Protocol, StringComparer.Ordinal).ThenBy(port => port.Port);
        return string.Join(", ", published.Select(Of).Concat(Ranges(exposed)));
    }

    private static string Of(PortMapping port) =>
        $"{(port.HostIp.Length > 0 ? port.HostIp : "0.0.0.0")}:{Range(port.HostPort, port.Range)}->{Range(port.ContainerPort, port.Range)}/{port.Protocol}";

    private static string Range(int first, int count) => count > 1 ? $"{first}-{first + count - 1}" : $"{first}";

    private static IEnumerable<(string Protocol, int Port)> Singles(PortMapping mapping) =>
        from protocol in mapping.Protocol.Split(',')
        from offset in Enumerable.Range(0, Math.Max((int)mapping.Range, 1))
        select (protocol, mapping.ContainerPort + offset);

    // Neighbours are shown as one.
    private static IEnumerable<string> Ranges(IEnumerable<(string Protocol, int Port)> ports) => ports
        .Select((port, index) => (port.Protocol, port.Port, Run: port.Port - index))
        .GroupBy(port => (port.Protocol, port.Run))
        .Select(run => $"{Range(run.First().Port, run.Count())}/{run.Key.Protocol}");
}
