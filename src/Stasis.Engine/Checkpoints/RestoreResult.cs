using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints;

/// <summary>What a restore did.</summary>
/// <param name="Container">The container as it is now.</param>
/// <param name="RuntimeDuration">Time that the runtime's restore took.</param>
/// <param name="Statistics">CRIU's own (restore) statistics, or null if CRIU wrote none.</param>
public sealed record RestoreResult(Container Container, TimeSpan RuntimeDuration, Criu.RestoreStatistics? Statistics)
{
    /// <summary>
    /// Time that validating an archive's entries and vetting took: what the checkpoint asks for, and CRIU's images. Null for a restore in
    /// place, which is not vetted.
    /// </summary>
    public TimeSpan? VettingDuration { get; init; }
}
