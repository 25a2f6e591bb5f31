using Stasis.Engine.Model;

namespace Stasis.Cli.Output.Inspect;

/// <summary>A network of a container (Podman: InspectAdditionalNetwork).</summary>
internal sealed record AttachedNetworkInspection : NetworkAddressInspection
{
    public required string NetworkID { get; init; }
    public IReadOnlyDictionary<string, string>? DriverOpts { get; init; }
    public IReadOnlyDictionary<string, string>? IPAMConfig { get; init; }
    public IReadOnlyList<string>? Links { get; init; }
    public IReadOnlyList<string>? Aliases { get; init; }

    public static AttachedNetworkInspection FromAttachment(string id, NetworkAttachment attachment, NetworkStatus? status)
    {
        var network =
            new AttachedNetworkInspection { NetworkID = id, Aliases = attachment.Aliases is { Count: > 0 } aliases ? aliases : null };
        return status is null ? network : (AttachedNetworkInspection)network.With(status);
    }
}
