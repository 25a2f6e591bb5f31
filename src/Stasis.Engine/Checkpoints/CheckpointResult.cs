using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints;

/// <summary>The result of a checkpoint.</summary>
/// <param name="Container">The container as it is now.</param>
/// <param name="RuntimeDuration">Time the runtime's checkpoint took.</param>
/// <param name="Statistics">CRIU's own (dump) statistics, null where CRIU wrote none.</param>
public sealed record CheckpointResult(Container Container, TimeSpan RuntimeDuration, Criu.DumpStatistics? Statistics)
{
    /// <summary>ID of the checkpoint in the store, if it is there.</summary>
    public string? Checkpoint { get; init; }
}
