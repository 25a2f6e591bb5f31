namespace Stasis.Engine.Containers;

/// <summary>What <c>logs</c> asks for.</summary>
public sealed record LogOptions
{
    /// <summary>Go on as lines come, until the container ends.</summary>
    public bool Follow { get; init; }
    /// <summary>Only the last so many lines.</summary>
    public int? Tail { get; init; }
    /// <summary>Only lines since then.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Only lines until then.</summary>
    public DateTimeOffset? Until { get; init; }
}
