namespace Stasis.Engine.Containers;

/// <summary>Disk space of a container, in bytes.</summary>
/// <param name="Rw">Files that the container added or changed.</param>
/// <param name="RootFs">Those and the image.</param>
public sealed record ContainerSize(long Rw, long RootFs);
