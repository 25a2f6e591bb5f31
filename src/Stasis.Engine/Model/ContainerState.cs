namespace Stasis.Engine.Model;

/// <summary>The properties of a container that change. Immutable: a verb saves a changed copy.</summary>
public sealed record ContainerState
{
    /// <summary>Status: created, running, paused, exited or removing.</summary>
    public ContainerStatus Status { get; init; } = ContainerStatus.Created;

    /// <summary>Host PID of the first process; 0 if there is none.</summary>
    public int Pid { get; init; }

    /// <summary>
    /// Start time of <see cref="Pid"/> in clock ticks since boot (proc(5) stat field 22), which tells the process from a later
    /// one with the same PID.
    /// </summary>
    public ulong PidStartTime { get; init; }

    /// <summary>Host PID of the container's conmon; 0 if there is none.</summary>
    public int ConmonPid { get; init; }

    /// <summary>Start time of <see cref="ConmonPid"/>, as <see cref="PidStartTime"/>.</summary>
    public ulong ConmonStartTime { get; init; }

    /// <summary>Exit code of the first process; 128 + signal if a signal ended it.</summary>
    public int ExitCode { get; init; }

    /// <summary>The kernel killed a process of the container for lack of memory.</summary>
    public bool OomKilled { get; init; }

    /// <summary>When the container was last started or restored.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the container ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The container was checkpointed (without <c>--leave-running</c>), and not started since.</summary>
    public bool Checkpointed { get; init; }

    /// <summary>When the container was checkpointed.</summary>
    public DateTimeOffset? CheckpointedAt { get; init; }

    /// <summary>The processes were restored from a checkpoint.</summary>
    public bool Restored { get; init; }

    /// <summary>When the processes were restored.</summary>
    public DateTimeOffset? RestoredAt { get; init; }

    /// <summary>ID in the store of the container's checkpoint in place.</summary>
    public string? CheckpointId { get; init; }

    /// <summary>Folder of CRIU's images of the checkpoint in place, or of those that <c>--keep</c> kept.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Path of CRIU's log of the last dump, if kept.</summary>
    public string? CheckpointLog { get; init; }

    /// <summary>Path of CRIU's log of the last restore, if kept.</summary>
    public string? RestoreLog { get; init; }

    /// <summary>Error message of the last verb that failed.</summary>
    public string? Error { get; init; }

    /// <summary>Number of restarts by the restart policy.</summary>
    public int RestartCount { get; init; }

    /// <summary>Addresses on the container's networks while it runs, by network name.</summary>
    public IReadOnlyDictionary<string, NetworkStatus>? Networks { get; init; }

    /// <summary>Whether the container has processes, running or frozen.</summary>
    public bool IsAlive => Status is ContainerStatus.Running or ContainerStatus.Paused;

    /// <summary>The state without processes and networks, with status exited; exit code and times are as before.</summary>
    internal ContainerState WithoutProcesses() => this with
    {
        Status = ContainerStatus.Exited,
        Pid = 0,
        PidStartTime = 0,
        ConmonPid = 0,
        ConmonStartTime = 0,
        Networks = null,
    };
}
