using System.Text;

namespace Stasis.Engine.Containers;

/// <summary>What became of a file since the image.</summary>
public enum ChangeKind
{
    /// <summary>It, or something in it, is another than in the image.</summary>
    Changed,
    /// <summary>The image doesn't have it.</summary>
    Added,
    /// <summary>The image has it, the container doesn't.</summary>
    Deleted,
}
