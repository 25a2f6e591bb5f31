using Stasis.Engine.Network;

namespace Stasis.Engine.Model;

/// <summary>What changes of a container while it lives. Immutable; a verb saves a changed copy.</summary>
public sealed record ContainerState
{
    /// <summary>Where it is in its life.</summary>
    public ContainerStatus Status { get; init; } = ContainerStatus.Created;

    /// <summary>Host PID of its first process, 0 when there is none.</summary>
    public int Pid { get; init; }

    /// <summary>Start time of <see cref="Pid"/> in clock ticks since boot (proc(5) stat field 22), so that a recycled PID isn't mistaken for it.</summary>
    public ulong PidStartTime { get; init; }

    /// <summary>Host PID of its conmon, 0 when there is none.</summary>
    public int ConmonPid { get; init; }

    /// <summary>Start time of <see cref="ConmonPid"/>, as <see cref="PidStartTime"/>.</summary>
    public ulong ConmonStartTime { get; init; }

    /// <summary>Exit code of its first process: 128 + signal when a signal ended it.</summary>
    public int ExitCode { get; init; }

    /// <summary>The kernel killed it for lack of memory.</summary>
    public bool OomKilled { get; init; }

    /// <summary>When it was last started or restored.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>It was checkpointed (without <c>--leave-running</c>) and not started since.</summary>
    public bool Checkpointed { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset? CheckpointedAt { get; init; }

    /// <summary>Its processes came from a checkpoint.</summary>
    public bool Restored { get; init; }

    /// <summary>When they did.</summary>
    public DateTimeOffset? RestoredAt { get; init; }

    /// <summary>ID of its checkpoint in place, in the store.</summary>
    public string? CheckpointId { get; init; }

    /// <summary>CRIU's images of the in-place checkpoint, or those that <c>--keep</c> kept.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>CRIU's log of the last dump, if kept.</summary>
    public string? CheckpointLog { get; init; }

    /// <summary>CRIU's log of the last restore, if kept.</summary>
    public string? RestoreLog { get; init; }

    /// <summary>What the last failed verb said.</summary>
    public string? Error { get; init; }

    /// <summary>How often it was restarted by its restart policy.</summary>
    public int RestartCount { get; init; }

    /// <summary>What it has on its networks while it lives, by network.</summary>
    public IReadOnlyDictionary<string, NetworkStatus>? Networks { get; init; }

    /// <summary>It has processes, running or frozen.</summary>
    public bool IsAlive => Status is ContainerStatus.Running or ContainerStatus.Paused;
}
