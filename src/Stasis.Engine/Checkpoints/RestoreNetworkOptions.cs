using Stasis.Engine.Containers;

namespace Stasis.Engine.Checkpoints;

/// <summary>The networks of a container that is restored.</summary>
public sealed record RestoreNetworkOptions
{
    /// <summary>What becomes of TCP connections that were established.</summary>
    public TcpConnectionHandling TcpConnections { get; init; }

    /// <summary>Whether the IP addresses that the container had, or was created with, are not asked for.</summary>
    public bool IgnoreStaticIp { get; init; }

    /// <summary>Whether the MAC addresses that the container had, or was created with, are not asked for.</summary>
    public bool IgnoreStaticMac { get; init; }

    /// <summary>Networks in place of those that the container had, as <see cref="CreateOptions.Networks"/>.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>IP address, on the container's one network.</summary>
    public string? Ip { get; init; }

    /// <summary>MAC address, on the container's one network.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Ports in place of those that the container had, as <see cref="CreateOptions.Publish"/>.</summary>
    public IReadOnlyList<string> Publish { get; init; } = [];

    /// <summary>
    /// Whether ports that the container had are left out, unless <see cref="Publish"/> names them: of several copies only one could have
    /// them.
    /// </summary>
    public bool IgnorePorts { get; init; }
}
