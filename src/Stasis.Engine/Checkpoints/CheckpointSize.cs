namespace Stasis.Engine.Checkpoints;

/// <summary>What a checkpoint takes on disk, in bytes.</summary>
/// <param name="Total">All of its files.</param>
/// <param name="Shared">
/// Files that an image or another checkpoint has too (hard links): they aren't freed when this one is removed.
/// </param>
public sealed record CheckpointSize(long Total, long Shared);
