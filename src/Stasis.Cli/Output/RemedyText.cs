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
        SuggestedCall.ListContainers => "ps --all",
        SuggestedCall.RemoveContainers => "rm",
        SuggestedCall.ListVolumes => "volume ls",
        SuggestedCall.RemoveVolume => "volume rm",
        SuggestedCall.ListNetworks => "network ls",
        SuggestedCall.CreateNetwork => "network create",
        SuggestedCall.CreateNetworkWithSubnet => "network create --subnet CIDR",
        SuggestedCall.RemoveNetwork => "network rm",
        SuggestedCall.RemoveNetworkAndContainers => "network rm --force",
        SuggestedCall.RemoveCheckpoint => "checkpoint rm",
        SuggestedCall.ListImages => "images",
        SuggestedCall.PullImage => "pull",
        SuggestedCall.LoadImages => "load -i",
        SuggestedCall.ImportImage => "import",
        _ => throw new ArgumentOutOfRangeException(nameof(call), call.Call, null),
    };

    // Placeholders for arguments that the command needs and the engine does not know.
    private static IEnumerable<string> Missing(RemedyCall call)
    {
        string[] needed = call.Call switch
        {
            SuggestedCall.RemoveContainers => ["CONTAINER"],
            SuggestedCall.RemoveVolume => ["VOLUME"],
            SuggestedCall.RemoveNetwork or SuggestedCall.RemoveNetworkAndContainers => ["NETWORK"],
            SuggestedCall.RemoveCheckpoint => ["CHECKPOINT"],
            SuggestedCall.PullImage => ["IMAGE"],
            SuggestedCall.LoadImages => ["FILE"],
            SuggestedCall.ImportImage => ["FILE", "IMAGE"],
            _ => [],
        };
        return needed.Skip(call.Arguments.Count);
    }

    private static string Flag(SuggestedOption option) => option switch
    {
        SuggestedOption.Name => "--name",
        SuggestedOption.Force => "--force",
        SuggestedOption.Root => "--root",
        SuggestedOption.Network => "--network",
        SuggestedOption.IpAddress => "--ip",
        SuggestedOption.IgnoreStaticIp => "--ignore-static-ip",
        SuggestedOption.MacAddress => "--mac-address",
        SuggestedOption.IgnoreStaticMac => "--ignore-static-mac",
        SuggestedOption.Subnet => "--subnet",
        SuggestedOption.Publish => "--publish",
        SuggestedOption.Format => "--format",
        _ => throw new ArgumentOutOfRangeException(nameof(option), option, null),
    };
}
