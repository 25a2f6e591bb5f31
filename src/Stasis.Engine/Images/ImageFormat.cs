namespace Stasis.Engine.Images;

/// <summary>What an image is saved as.</summary>
public enum ImageFormat
{
    /// <summary>As docker save does. It has no place for annotations: a checkpoint image can't be saved so.</summary>
    DockerArchive,
    /// <summary>An OCI layout in a tar.</summary>
    OciArchive,
}
