using System.Text.Json.Serialization;

namespace Stasis.Engine.Model;

/// <summary>Ports of the host that lead into a container (libnetwork/types/network.go: PortMapping).</summary>
public sealed record PortMapping
{
    // Generated readers of JSON set what isn't there to null.
    /// <summary>The host's address; empty for all of them.</summary>
    [JsonPropertyName("host_ip")] public string HostIp { get; init => field = value ?? ""; } = "";
    /// <summary>First port in the container.</summary>
    [JsonPropertyName("container_port")] public ushort ContainerPort { get; init; }
    /// <summary>First port on the host; 0 for a free one.</summary>
    [JsonPropertyName("host_port")] public ushort HostPort { get; init; }
    /// <summary>How many ports, counted up on both sides; 0 is 1.</summary>
    [JsonPropertyName("range")] public ushort Range { get; init; } = 1;
    /// <summary>"tcp", "udp", "sctp", or several of them with commas; empty is tcp.</summary>
    [JsonPropertyName("protocol")] public string Protocol { get; init => field = value ?? "tcp"; } = "tcp";

    /// <summary>Each single port of the host that is taken.</summary>
    internal IEnumerable<(string Protocol, string HostIp, int Port)> HostPorts =>
        from protocol in Protocol is "" ? ["tcp"] : Protocol.Split(',')
        from offset in Enumerable.Range(0, Math.Max((int)Range, 1))
        select (protocol, HostIp, HostPort + offset);
}
