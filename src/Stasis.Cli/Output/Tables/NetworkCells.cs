using Stasis.Engine.Network;

namespace Stasis.Cli.Output.Tables;

/// <summary>The cells of a row of <c>network ls</c>: the fields that templates can use (Podman: ListPrintReports).</summary>
internal sealed record NetworkCells
{
    public required string ID { get; init; }
    public required string Name { get; init; }
    public required string Driver { get; init; }
    public required string NetworkInterface { get; init; }
    public DateTimeOffset Created { get; init; }
    public IReadOnlyList<NetworkSubnet>? Subnets { get; init; }
    public IReadOnlyList<NetworkRoute>? Routes { get; init; }
    public bool IPv6Enabled { get; init; }
    public bool Internal { get; init; }
    public bool DNSEnabled { get; init; }
    public IReadOnlyList<string>? NetworkDNSServers { get; init; }
    public required string Labels { get; init; }
    public IReadOnlyDictionary<string, string>? Options { get; init; }
    public IReadOnlyDictionary<string, string>? IPAMOptions { get; init; }

    public static NetworkCells FromNetwork(NetworkConfig network, bool noTruncate) => new()
    {
        ID = HumanFormat.Id(network.Id, noTruncate),
        Name = network.Name,
        Driver = network.Driver,
        NetworkInterface = network.Interface ?? "",
        Created = network.Created,
        Subnets = network.Subnets,
        Routes = network.Routes,
        IPv6Enabled = network.IPv6Enabled,
        Internal = network.Internal,
        DNSEnabled = network.DnsEnabled,
        NetworkDNSServers = network.DnsServers,
        Labels = HumanFormat.Labels(network.Labels ?? new Dictionary<string, string>()),
        Options = network.Options,
        IPAMOptions = network.IpamOptions,
    };
}
