namespace Stasis.Engine.Network;

/// <summary>What <c>network create</c> asks for.</summary>
public sealed record NetworkCreateOptions
{
    /// <summary>Name; made up if null.</summary>
    public string? Name { get; init; }
    /// <summary>"bridge", "macvlan" or "ipvlan".</summary>
    public string Driver { get; init; } = "bridge";
    /// <summary>In CIDR form; a free one is taken if there is none.</summary>
    public IReadOnlyList<string> Subnets { get; init; } = [];
    /// <summary>One for each subnet, in their order; by default a subnet's first address.</summary>
    public IReadOnlyList<string> Gateways { get; init; } = [];
    /// <summary>Part of a subnet to give addresses out of: FIRST-LAST or CIDR.</summary>
    public IReadOnlyList<string> IpRanges { get; init; } = [];
    /// <summary>Routes: DESTINATION,GATEWAY[,METRIC].</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];
    /// <summary>An IPv6 subnet too.</summary>
    public bool IPv6 { get; init; }
    /// <summary>No way out.</summary>
    public bool Internal { get; init; }
    /// <summary>No name service.</summary>
    public bool DisableDns { get; init; }
    /// <summary>Name servers for aardvark-dns to ask.</summary>
    public IReadOnlyList<string> DnsServers { get; init; } = [];
    /// <summary>The bridge's name, or the parent interface.</summary>
    public string? Interface { get; init; }
    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
    /// <summary>The driver's options.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
    /// <summary>One of that name is no error.</summary>
    public bool Ignore { get; init; }
}
