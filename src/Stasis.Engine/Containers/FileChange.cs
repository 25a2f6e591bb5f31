using System.Text;

namespace Stasis.Engine.Containers;

/// <summary>A file or folder that isn't as in the image.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Path">Absolute, as in the container; bytes that aren't UTF-8 are replaced.</param>
public sealed record FileChange(ChangeKind Kind, string Path);
