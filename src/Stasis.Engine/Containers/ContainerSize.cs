namespace Stasis.Engine.Containers;

/// <summary>What a container takes on disk, in bytes.</summary>
/// <param name="Rw">What it added and changed.</param>
/// <param name="RootFs">That and its image.</param>
public sealed record ContainerSize(long Rw, long RootFs);
