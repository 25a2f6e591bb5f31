namespace Stasis.Engine.Storage;

/// <summary>What verbs may leave half-done: the <see cref="PendingOperation.Kind"/>s.</summary>
internal static class OperationKind
{
    /// <summary>A container is being made: until it ends, the container doesn't exist for others.</summary>
    public const string Create = "create";
    public const string Start = "start";
    /// <summary>A pause or an unpause.</summary>
    public const string Pause = "pause";
    /// <summary>What a container that ended had mounted is being taken away.</summary>
    public const string Cleanup = "cleanup";
    public const string Remove = "remove";
    public const string Checkpoint = "checkpoint";
    /// <summary>A container is being restored in place.</summary>
    public const string RestoreInPlace = "restore";
    /// <summary>A container is being made from a checkpoint: until it ends, the container doesn't exist for others.</summary>
    public const string RestoreNew = "import";
}
