using System.Text.Json.Serialization;

namespace Stasis.Engine.Host;

/// <summary>What this machine has and can do, as far as Stasis depends on it.</summary>
public sealed record HostReport
{
    /// <summary>Release of the kernel, e.g. "6.1.0-30-amd64".</summary>
    public required string Kernel { get; init; }
    /// <summary>The distribution's name (os-release: PRETTY_NAME).</summary>
    public required string Distribution { get; init; }
    /// <summary>Processor architecture, e.g. "x64".</summary>
    public required string Architecture { get; init; }
    /// <summary>Programs and files that Stasis drives or reads.</summary>
    public required IReadOnlyList<HostFinding> Parts { get; init; }
    /// <summary>What the kernel, and the way it is set up, can do.</summary>
    public required IReadOnlyList<HostFinding> Features { get; init; }
    /// <summary>A process really dumped and restored; null if that was not asked for, or there is no CRIU to do it.</summary>
    public CriuProof? Proof { get; init; }

    /// <summary>Whether containers can be checkpointed and restored: nothing required is missing, and the proof, if there was one, held.</summary>
    public bool CanCheckpoint => Parts.Concat(Features).All(finding => finding.Sufficient || !finding.Required) && Proof is null or { Works: true };
}

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

/// <summary>How it went to dump and restore a small process.</summary>
/// <param name="Works">It was dumped and lived again, in time.</param>
/// <param name="DumpMilliseconds">Time of the dump.</param>
/// <param name="RestoreMilliseconds">Time of the restore.</param>
/// <param name="Error">CRIU's own words, or that it did not end.</param>
public sealed record CriuProof(bool Works, long DumpMilliseconds, long RestoreMilliseconds, string? Error);
