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
        engine.Recovery.Register(OperationKind.Restore, new RestoreTransaction.RecoverInPlace());
        engine.Recovery.Register(OperationKind.Import, new RestoreTransaction.RecoverNewContainer());
    }
}
