namespace Stasis.Engine.Containers;

/// <summary>How a file of a container differs from the image.</summary>
public enum ChangeKind
{
    /// <summary>The file, or a file in the folder, is not as in the image.</summary>
    Changed,
    /// <summary>The image doesn't have the file.</summary>
    Added,
    /// <summary>The image has the file, the container doesn't.</summary>
    Deleted,
}
