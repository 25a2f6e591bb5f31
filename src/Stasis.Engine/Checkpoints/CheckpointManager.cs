using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints;

/// <summary>Checkpoint and restore.</summary>
public sealed partial class CheckpointManager
{
    private readonly StasisEngine _engine;

    internal CheckpointManager(StasisEngine engine)
    {
        _engine = engine;
        engine.Recovery.Register(OperationKind.Checkpoint, new UndoCheckpoint());
        engine.Recovery.Register(OperationKind.Restore, new UndoRestore());
        engine.Recovery.Register(OperationKind.Import, new UndoImport());
    }
}
