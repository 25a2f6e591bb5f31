using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints;

/// <summary>Checkpoint, restore, copies, and the checkpoint store. Each verb has a file of its own.</summary>
public sealed partial class CheckpointManager
{
    private readonly StasisEngine _engine;

    internal CheckpointManager(StasisEngine engine)
    {
        _engine = engine;
        engine.Recovery.Register(OperationKind.Checkpoint, new CheckpointRecovery());
        engine.Recovery.Register(OperationKind.RestoreInPlace, new RestoreTransaction.UndoInPlace());
        engine.Recovery.Register(OperationKind.RestoreNew, new RestoreTransaction.UndoNewContainer());
    }
}
