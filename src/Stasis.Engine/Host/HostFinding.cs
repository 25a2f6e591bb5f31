using System.Text.Json.Serialization;

namespace Stasis.Engine.Host;

/// <summary>One thing looked at.</summary>
public sealed record HostFinding
{
    /// <summary>E.g. "criu" or "soft-dirty".</summary>
    public required string Name { get; init; }
    /// <summary>Where it was found.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Path { get; init; }
    /// <summary>Its version.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Version { get; init; }
    /// <summary>What was found, where it is more than yes or no.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Detail { get; init; }
    /// <summary>It is there and does what is asked of it.</summary>
    public required bool Sufficient { get; init; }
    /// <summary>Without it nothing can be checkpointed or restored.</summary>
    public required bool Required { get; init; }
    /// <summary>Why it does not suffice.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Problem { get; init; }
    /// <summary>What can't be done without it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Lost { get; init; }
    /// <summary>What to do to have it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Remedy { get; init; }
}
