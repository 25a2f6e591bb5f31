namespace Stasis.Engine.Checkpoints;

/// <summary>How much of the store is to stay. With none of the limits, nothing that isn't needed does.</summary>
public sealed record StoreLimits
{
    /// <summary>So many that were used last stay, whatever the other limits say.</summary>
    public int? Keep { get; init; }
    /// <summary>What was used within this time stays, as far as <see cref="MaxSize"/> allows.</summary>
    public TimeSpan? MaxAge { get; init; }
    /// <summary>As much stays as fits into so many bytes; what was used longest ago goes first. What may not go counts too.</summary>
    public long? MaxSize { get; init; }
}
