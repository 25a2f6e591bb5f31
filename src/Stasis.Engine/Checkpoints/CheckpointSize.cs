namespace Stasis.Engine.Checkpoints;

/// <summary>What a checkpoint takes on disk, in bytes.</summary>
/// <param name="Total">All of its files.</param>
/// <param name="Shared">As much of it is an image's or another checkpoint's too (files with several names): it doesn't come free when this one is removed.</param>
public sealed record CheckpointSize(long Total, long Shared);
