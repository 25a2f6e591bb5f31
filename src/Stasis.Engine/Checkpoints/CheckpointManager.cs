namespace Stasis.Engine.Checkpoints;

/// <summary>Checkpoint and restore.</summary>
public sealed partial class CheckpointManager
{
    private readonly StasisEngine _engine;

    internal CheckpointManager(StasisEngine engine) => _engine = engine;
}
