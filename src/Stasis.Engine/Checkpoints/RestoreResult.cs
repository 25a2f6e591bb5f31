using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints;

/// <summary>What a restore did.</summary>
/// <param name="Container">The container as it is now.</param>
/// <param name="RuntimeDuration">Time the runtime's restore took.</param>
/// <param name="Statistics">CRIU's own (restore) statistics, null where CRIU wrote none.</param>
public sealed record RestoreResult(Container Container, TimeSpan RuntimeDuration, Criu.RestoreStatistics? Statistics)
{
    /// <summary>Time it took to look through what an archive or image holds, to compare what it asks for with what is allowed, and to read CRIU's images before CRIU; null for a restore in place.</summary>
    public TimeSpan? VettingDuration { get; init; }
}
