namespace Stasis.Engine.Checkpoints;

/// <summary>How far a checkpoint or a restore has come.</summary>
/// <param name="Step">The step, e.g. "writing archive".</param>
/// <param name="Done">Bytes done of that step; 0 if it isn't measured in bytes.</param>
/// <param name="Total">Bytes of the step in all, or null if not known.</param>
public readonly record struct OperationProgress(string Step, long Done, long? Total);
