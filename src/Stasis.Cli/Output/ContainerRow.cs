using Stasis.Engine.Containers;

namespace Stasis.Cli.Output;

/// <summary>A container in <c>ps --format json</c> (Podman: ListContainer); times in seconds since 1970.</summary>
internal sealed record ContainerRow
{
    public bool AutoRemove { get; init; }
    public required IReadOnlyList<string> Command { get; init; }
    public required string CreatedAt { get; init; }
    public bool Exited { get; init; }
    public long ExitedAt { get; init; }
    public int ExitCode { get; init; }
    public required string Id { get; init; }
    public required string Image { get; init; }
    public required string ImageID { get; init; }
    public bool IsInfra { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public required IReadOnlyList<string> Mounts { get; init; }
    public required IReadOnlyList<string> Names { get; init; }
    public IReadOnlyList<string> Networks { get; init; } = [];
    public int Pid { get; init; }
    public string Pod { get; init; } = "";
    public string PodName { get; init; } = "";
    public IReadOnlyList<string> Ports { get; init; } = [];
    public int Restarts { get; init; }
    public long StartedAt { get; init; }
    public required string State { get; init; }
    public required string Status { get; init; }
    public long Created { get; init; }

    public static ContainerRow Of(Container container)
    {
        var (config, state) = (container.Config, container.State);
        return new ContainerRow
        {
            AutoRemove = container.AutoRemove,
            Command = config.Command ?? [],
            Created = config.CreatedTime.ToUnixTimeSeconds(),
            CreatedAt = Human.Ago(config.CreatedTime),
            Exited = state.Status == ContainerStatus.Exited,
            ExitedAt = state.FinishedAt?.ToUnixTimeSeconds() ?? 0,
            ExitCode = state.ExitCode,
            Id = container.Id,
            Image = config.RootfsImageName ?? config.RawImageName ?? "",
            ImageID = config.RootfsImageId ?? "",
            Labels = config.Labels ?? new Dictionary<string, string>(),
            Mounts = config.UserVolumes ?? [],
            Names = [container.Name],
            Pid = state.Pid,
            Restarts = state.RestartCount,
            StartedAt = state.StartedAt?.ToUnixTimeSeconds() ?? 0,
            State = StateOf(container),
            Status = StatusOf(container),
        };
    }

    public static string StateOf(Container container) => container.State.Status.ToString().ToLowerInvariant();

    /// <summary>The state and since when, as people read it.</summary>
    public static string StatusOf(Container container) => container.State switch
    {
        { Status: ContainerStatus.Running, StartedAt: { } since } => $"Up {Human.Duration(DateTimeOffset.UtcNow - since)}",
        { Status: ContainerStatus.Exited } state => $"Exited ({state.ExitCode}){(state.FinishedAt is { } at ? $" {Human.Ago(at)}" : "")}{(state.Checkpointed ? " (checkpointed)" : "")}",
        var state => state.Status.ToString(),
    };
}
