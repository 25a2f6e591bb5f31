namespace Stasis.Engine.Errors;

/// <summary>A call that helps, with what it is to be given.</summary>
/// <param name="Call">Which call.</param>
/// <param name="Arguments">Names or IDs for it.</param>
public sealed record RemedyCall(RemedyCallKind Call, params IReadOnlyList<string> Arguments) : RemedyPart
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var method = Call switch
        {
            RemedyCallKind.ListContainers => "Containers.List",
            RemedyCallKind.RemoveContainers => "Containers.RemoveAsync",
            RemedyCallKind.ListVolumes => "Volumes.List",
            RemedyCallKind.RemoveVolume => "Volumes.Remove",
            RemedyCallKind.ListNetworks => "Networks.List",
            RemedyCallKind.CreateNetwork or RemedyCallKind.CreateNetworkWithSubnet => "Networks.CreateAsync",
            RemedyCallKind.RemoveNetwork or RemedyCallKind.RemoveNetworkAndContainers => "Networks.RemoveAsync",
            RemedyCallKind.RemoveCheckpoint => "Checkpoints.Remove",
            RemedyCallKind.ListImages => "Images.List",
            RemedyCallKind.PullImage => "Images.PullAsync",
            RemedyCallKind.LoadImages => "Images.LoadAsync",
            RemedyCallKind.ImportImage => "Images.ImportAsync",
            _ => Call.ToString(),
        };
        return $"{method}({string.Join(", ", Arguments.Select(argument => $"\"{argument}\""))})";
    }
}
