namespace Stasis.Engine.Errors;

/// <summary>Calls that a <see cref="Remedy"/> suggests.</summary>
public enum RemedyCallKind
{
    /// <summary>List all containers.</summary>
    ListContainers,
    /// <summary>Remove the containers named.</summary>
    RemoveContainers,
    /// <summary>List volumes.</summary>
    ListVolumes,
    /// <summary>Remove the volume named.</summary>
    RemoveVolume,
    /// <summary>List networks.</summary>
    ListNetworks,
    /// <summary>Create a network.</summary>
    CreateNetwork,
    /// <summary>Create a network with a subnet of one's own choice.</summary>
    CreateNetworkWithSubnet,
    /// <summary>Remove the network named.</summary>
    RemoveNetwork,
    /// <summary>Remove the network named together with the containers that use it.</summary>
    RemoveNetworkAndContainers,
    /// <summary>Remove the checkpoint of that ID from the store.</summary>
    RemoveCheckpoint,
    /// <summary>List images.</summary>
    ListImages,
    /// <summary>Fetch the image named.</summary>
    PullImage,
    /// <summary>Load the images of the file named.</summary>
    LoadImages,
    /// <summary>Make an image of a root file system's tar; the arguments are the tar and the image's name, if given.</summary>
    ImportImage,
}
