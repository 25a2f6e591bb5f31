namespace Stasis.Engine.Errors;

/// <summary>A call that helps, with what it is to be given.</summary>
/// <param name="Call">Which call.</param>
/// <param name="Arguments">Names or IDs for it.</param>
public sealed record RemedyCall(SuggestedCall Call, params IReadOnlyList<string> Arguments) : RemedyPart
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var method = Call switch
        {
            SuggestedCall.ListContainers => "Containers.List",
            SuggestedCall.RemoveContainers => "Containers.RemoveAsync",
            SuggestedCall.ListVolumes => "Volumes.List",
            SuggestedCall.RemoveVolume => "Volumes.Remove",
            SuggestedCall.ListNetworks => "Networks.List",
            SuggestedCall.CreateNetwork or SuggestedCall.CreateNetworkWithSubnet => "Networks.CreateAsync",
            SuggestedCall.RemoveNetwork or SuggestedCall.RemoveNetworkAndContainers => "Networks.RemoveAsync",
            SuggestedCall.RemoveCheckpoint => "Checkpoints.Remove",
            SuggestedCall.ListImages => "Images.List",
            SuggestedCall.PullImage => "Images.PullAsync",
            SuggestedCall.LoadImages => "Images.LoadAsync",
            SuggestedCall.ImportImage => "Images.ImportAsync",
            _ => Call.ToString(),
        };
        return $"{method}({string.Join(", ", Arguments.Select(argument => $"\"{argument}\""))})";
    }
}
