using System.Text.Json.Serialization;
using Stasis.Cli.Output.Tables;
using Stasis.Engine.LazyPages;
using Stasis.Engine.Model;

namespace Stasis.Cli.Output.Inspect;

/// <summary>The state of a container (Podman: InspectContainerState).</summary>
internal sealed record StateInspection
{
    public required string OciVersion { get; init; }
    public required string Status { get; init; }
    public bool Running { get; init; }
    public bool Paused { get; init; }
    public bool Restarting { get; init; }
    public bool OOMKilled { get; init; }
    public bool Dead { get; init; }
    public int Pid { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public int ConmonPid { get; init; }
    public int ExitCode { get; init; }
    public required string Error { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset FinishedAt { get; init; }
    /// <summary>Always null: Stasis runs no health checks.</summary>
    public HealthPart? Health { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public bool Checkpointed { get; init; }
    public required string CgroupPath { get; init; }
    public DateTimeOffset CheckpointedAt { get; init; }
    public DateTimeOffset RestoredAt { get; init; }
    public string? CheckpointLog { get; init; }
    public string? CheckpointPath { get; init; }
    public string? RestoreLog { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public bool Restored { get; init; }

    /// <summary>Only in Stasis: progress of loading memory after a lazy restore; null once all memory is loaded.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public LazyPagesPart? LazyPages { get; init; }

    public static StateInspection FromContainer(Container container, LazyPagesProgress? memory)
    {
        var state = container.State;
        return new StateInspection
        {
            OciVersion = container.Spec.OciVersion,
            Status = ContainerJsonRow.StateOf(container),
            Running = state.Status == ContainerStatus.Running,
            Paused = state.Status == ContainerStatus.Paused,
            OOMKilled = state.OomKilled,
            Pid = state.Pid,
            ConmonPid = state.ConmonPid,
            ExitCode = state.ExitCode,
            Error = state.Error ?? "",
            StartedAt = state.StartedAt ?? default,
            FinishedAt = state.FinishedAt ?? default,
            Checkpointed = state.Checkpointed,
            CgroupPath = container.Spec.Linux?.CgroupsPath ?? "",
            CheckpointedAt = state.CheckpointedAt ?? default,
            RestoredAt = state.RestoredAt ?? default,
            CheckpointLog = state.CheckpointLog,
            CheckpointPath = state.CheckpointPath,
            RestoreLog = state.RestoreLog,
            Restored = state.Restored,
            LazyPages = memory is null ? null : new LazyPagesPart(memory.Total, memory.Loaded, memory.Outstanding,
                $"{HumanFormat.Size(memory.Loaded)} of {HumanFormat.Size(memory.Total)}"),
        };
    }

    /// <summary>Bytes of memory, and the progress for people.</summary>
    internal sealed record LazyPagesPart(long Total, long Loaded, long Outstanding, string Progress);

    /// <summary>Podman: HealthCheckResults.</summary>
    internal sealed record HealthPart(string Status, int FailingStreak);
}
