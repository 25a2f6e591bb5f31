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
    public CriuSelfTestResult? Proof { get; init; }

    /// <summary>
    /// Whether containers can be checkpointed and restored: nothing required is missing, and the proof, if there was
    /// one, held.
    /// </summary>
    public bool CanCheckpoint =>
        Parts.Concat(Features).All(finding => finding.Sufficient || !finding.Required) && Proof is null or { Works: true };

    /// <summary>
    /// Whether that holds for containers with processes of other users than root. CRIU can't read the limits of those without
    /// CAP_SYS_RESOURCE.
    /// </summary>
    public bool CanCheckpointOtherUsers =>
        CanCheckpoint && Features.All(finding => finding.Sufficient || finding.Name != HostFeatureProbe.SysResource);
}
