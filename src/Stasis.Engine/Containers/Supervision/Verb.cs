namespace Stasis.Engine.Containers.Supervision;

/// <summary>What can be asked of a container.</summary>
internal enum Verb
{
    Start,
    /// <summary>Whatever checkpoint in place it has is thereby discarded.</summary>
    StartAnew,
    Stop,
    Restart,
    Kill,
    Pause,
    Unpause,
    Remove,
    ForceRemove,
    Rename,
    Exec,
    Attach,
    Top,
    Checkpoint,
    /// <summary>In place: from the checkpoint that the container keeps.</summary>
    Restore,
}
