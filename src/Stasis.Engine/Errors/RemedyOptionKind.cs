namespace Stasis.Engine.Errors;

/// <summary>Options that a <see cref="Remedy"/> suggests to give, or to leave out.</summary>
public enum RemedyOptionKind
{
    /// <summary>The name of the container to be made.</summary>
    Name,
    /// <summary>Also what is in use.</summary>
    Force,
    /// <summary>The root of the engine's state.</summary>
    Root,
    /// <summary>The networks of a container.</summary>
    Network,
    /// <summary>A container's IP address.</summary>
    IpAddress,
    /// <summary>Restore without the IP address that the container had.</summary>
    IgnoreStaticIp,
    /// <summary>A container's MAC address.</summary>
    MacAddress,
    /// <summary>Restore without the MAC address that the container had.</summary>
    IgnoreStaticMac,
    /// <summary>A network's subnet.</summary>
    Subnet,
    /// <summary>Ports to be published.</summary>
    Publish,
    /// <summary>The format of an image's archive.</summary>
    Format,
}
