namespace Stasis.Engine.Containers.Supervision;

/// <summary>A command on a container, for <see cref="Transitions"/>.</summary>
internal enum TransitionVerb
{
    Start,
    /// <summary>Start, and discard a checkpoint in place.</summary>
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
    /// <summary>Restore in place: from the checkpoint that the container keeps.</summary>
    Restore,
}
