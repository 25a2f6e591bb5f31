namespace Stasis.Engine.Storage;

/// <summary>
/// What a prune of the checkpoint store keeps. With no limit set, it keeps only what has a name or is used by a container.
/// </summary>
public sealed record StoreLimits
{
    /// <summary>Number of checkpoints, those that were used last, that are kept whatever the other limits say.</summary>
    public int? Keep { get; init; }
    /// <summary>Checkpoints that were used within this time are kept, as far as <see cref="MaxSize"/> allows.</summary>
    public TimeSpan? MaxAge { get; init; }
    /// <summary>
    /// Bytes that the store may have. Checkpoints that were used longest ago are removed first; those that can't be removed count too.
    /// </summary>
    public long? MaxSize { get; init; }
}
