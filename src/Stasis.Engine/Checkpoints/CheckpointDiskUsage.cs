namespace Stasis.Engine.Checkpoints;

/// <summary>The disk space of a checkpoint, in bytes.</summary>
/// <param name="Total">All of its files.</param>
/// <param name="Shared">
/// Files that an image or another checkpoint has too (hard links): they aren't freed when this one is removed.
/// </param>
public sealed record CheckpointDiskUsage(long Total, long Shared);
