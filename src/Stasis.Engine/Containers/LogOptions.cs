namespace Stasis.Engine.Containers;

/// <summary>Options for reading a container's output.</summary>
public sealed record LogOptions
{
    /// <summary>Wait for further lines until the container ends.</summary>
    public bool Follow { get; init; }
    /// <summary>Only this number of last lines.</summary>
    public int? Tail { get; init; }
    /// <summary>Only lines from this time on.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Only lines up to this time.</summary>
    public DateTimeOffset? Until { get; init; }
}
