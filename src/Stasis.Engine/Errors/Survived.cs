namespace Stasis.Engine.Errors;

/// <summary>What a failed call left behind.</summary>
public enum Survived
{
    /// <summary>The message says it, or the failure is only part of a larger one.</summary>
    Unspecified,

    /// <summary>The call failed before it changed anything.</summary>
    Everything,

    /// <summary>The container runs as before. No checkpoint or archive was made.</summary>
    ContainerRunning,

    /// <summary>The container has ended. No checkpoint or archive was made.</summary>
    ContainerEnded,

    /// <summary>Everything that the call created is removed. The archive, image or checkpoint it was made from is unchanged.</summary>
    Source,
}
