using System.Globalization;
using Stasis.Cli.Output.Tables;
using Stasis.Engine.Model;

namespace Stasis.Cli.Output.Inspect;

/// <summary>A port of the host (Podman: InspectHostPort).</summary>
internal sealed record HostPortInspection(string HostIp, string HostPort)
{
    /// <summary>Ports of the host by port of the container, such as 80/tcp.</summary>
    public static Dictionary<string, IReadOnlyList<HostPortInspection>> FromMappings(IReadOnlyList<PortMapping>? mappings) => (
        from port in PortText.Singles(mappings ?? [])
        group new HostPortInspection(
            port.HostIp,
            port.HostPort.ToString(CultureInfo.InvariantCulture)) by $"{port.ContainerPort}/{port.Protocol}")
        .ToDictionary(port => port.Key, port => (IReadOnlyList<HostPortInspection>)[.. port]);
}
