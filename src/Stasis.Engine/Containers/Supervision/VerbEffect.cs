namespace Stasis.Engine.Containers.Supervision;

/// <summary>The effect of a verb in a container's status.</summary>
internal enum VerbEffect
{
    /// <summary>The verb runs.</summary>
    Allowed,
    /// <summary>The container is in the wanted status already: the verb succeeds and does nothing.</summary>
    Done,
    /// <summary>The verb fails.</summary>
    Refused,
}
