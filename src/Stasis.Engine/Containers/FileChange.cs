namespace Stasis.Engine.Containers;

/// <summary>A file or folder of a container that differs from the image.</summary>
/// <param name="Kind">How it differs.</param>
/// <param name="Path">Absolute, as in the container; bytes that aren't UTF-8 are replaced.</param>
public sealed record FileChange(ChangeKind Kind, string Path);
