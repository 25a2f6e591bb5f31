namespace Stasis.Engine.Checkpoints;

/// <summary>How far a checkpoint or a restore has come.</summary>
/// <param name="Step">E.g. "writing archive".</param>
/// <param name="Done">Bytes done of that step, 0 where it has none.</param>
/// <param name="Total">Bytes in all, or null if not known.</param>
public readonly record struct CheckpointProgress(string Step, long Done, long? Total);
