using Stasis.Engine.Errors;

namespace Stasis.Cli.Output;

/// <summary>Words what a remedy suggests as commands and flags of this program.</summary>
internal static class RemedyText
{
    /// <summary>The part of a remedy as a person can type it.</summary>
    public static string Word(RemedyPart part) => part switch
    {
        RemedyCall call => string.Join(' ', ["stasis", Command(call), .. call.Arguments, .. Missing(call)]),
        RemedyOption { Value: { } value } option => $"{Flag(option.Option)} {value}",
        RemedyOption option => Flag(option.Option),
        _ => part.ToString(),
    };

    private static string Command(RemedyCall call) => call.Call switch
    {
        RemedyCallKind.ListContainers => "ps --all",
        RemedyCallKind.RemoveContainers => "rm",
        RemedyCallKind.ListVolumes => "volume ls",
        RemedyCallKind.RemoveVolume => "volume rm",
        RemedyCallKind.ListNetworks => "network ls",
        RemedyCallKind.CreateNetwork => "network create",
        RemedyCallKind.CreateNetworkWithSubnet => "network create --subnet CIDR",
        RemedyCallKind.RemoveNetwork => "network rm",
        RemedyCallKind.RemoveNetworkAndContainers => "network rm --force",
        RemedyCallKind.RemoveCheckpoint => "checkpoint rm",
        RemedyCallKind.ListImages => "images",
        RemedyCallKind.PullImage => "pull",
        RemedyCallKind.LoadImages => "load -i",
        RemedyCallKind.ImportImage => "import",
        _ => throw new ArgumentOutOfRangeException(nameof(call), call.Call, null),
    };

    // Placeholders for arguments that the command needs and the engine does not know.
    private static IEnumerable<string> Missing(RemedyCall call)
    {
        string[] needed = call.Call switch
        {
            RemedyCallKind.RemoveContainers => ["CONTAINER"],
            RemedyCallKind.RemoveVolume => ["VOLUME"],
            RemedyCallKind.RemoveNetwork or RemedyCallKind.RemoveNetworkAndContainers => ["NETWORK"],
            RemedyCallKind.RemoveCheckpoint => ["CHECKPOINT"],
            RemedyCallKind.PullImage => ["IMAGE"],
            RemedyCallKind.LoadImages => ["FILE"],
            RemedyCallKind.ImportImage => ["FILE", "IMAGE"],
            _ => [],
        };
        return needed.Skip(call.Arguments.Count);
    }

    private static string Flag(RemedyOptionKind option) => option switch
    {
        RemedyOptionKind.Name => "--name",
        RemedyOptionKind.Force => "--force",
        RemedyOptionKind.Root => "--root",
        RemedyOptionKind.Network => "--network",
        RemedyOptionKind.IpAddress => "--ip",
        RemedyOptionKind.IgnoreStaticIp => "--ignore-static-ip",
        RemedyOptionKind.MacAddress => "--mac-address",
        RemedyOptionKind.IgnoreStaticMac => "--ignore-static-mac",
        RemedyOptionKind.Subnet => "--subnet",
        RemedyOptionKind.Publish => "--publish",
        RemedyOptionKind.Format => "--format",
        _ => throw new ArgumentOutOfRangeException(nameof(option), option, null),
    };
}
