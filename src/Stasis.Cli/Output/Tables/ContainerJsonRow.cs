using System.Text.Json.Serialization;
using Stasis.Engine.Containers;
using Stasis.Engine.Model;

namespace Stasis.Cli.Output.Tables;

/// <summary>A container in <c>ps --format json</c> (Podman: ListContainer). Times are in seconds since 1970.</summary>
internal sealed record ContainerJsonRow
{
    public bool AutoRemove { get; init; }
    public required IReadOnlyList<string> Command { get; init; }
    public required string CreatedAt { get; init; }
    public string CIDFile { get; init; } = "";
    public bool Exited { get; init; }
    public long ExitedAt { get; init; }
    public int ExitCode { get; init; }
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? ExposedPorts { get; init; }
    public required string Id { get; init; }
    public required string Image { get; init; }
    public required string ImageID { get; init; }
    public bool IsInfra { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public required IReadOnlyList<string> Mounts { get; init; }
    public required IReadOnlyList<string> Names { get; init; }
    public required IReadOnlyList<string> Networks { get; init; }
    public int Pid { get; init; }
    public string Pod { get; init; } = "";
    public string PodName { get; init; } = "";
    public required IReadOnlyList<PortMapping> Ports { get; init; }
    public int Restarts { get; init; }
    public SizePart? Size { get; init; }
    public long StartedAt { get; init; }
    public required string State { get; init; }
    public required string Status { get; init; }
    public long Created { get; init; }

    public static ContainerJsonRow FromContainer(Container container, ContainerSize? size)
    {
        var (config, state) = (container.Config, container.State);
        return new ContainerJsonRow
        {
            AutoRemove = container.AutoRemove,
            Command = config.Command ?? [],
            Created = config.CreatedTime.ToUnixTimeSeconds(),
            CreatedAt = HumanFormat.Ago(config.CreatedTime),
            Exited = state.Status == ContainerStatus.Exited,
            ExitedAt = state.FinishedAt?.ToUnixTimeSeconds() ?? 0,
            ExitCode = state.ExitCode,
            ExposedPorts = config.ExposedPorts,
            Id = container.Id,
            Image = config.RootfsImageName ?? config.RawImageName ?? "",
            ImageID = config.RootfsImageId ?? "",
            Labels = config.Labels ?? new Dictionary<string, string>(),
            Mounts = config.UserVolumes ?? [],
            Names = [container.Name],
            Networks = [.. config.Networks?.Keys ?? []],
            Pid = state.Pid,
            Ports = config.PortMappings ?? [],
            Restarts = state.RestartCount,
            Size = size is null ? null : new SizePart(size.RootFs, size.Rw),
            StartedAt = state.StartedAt?.ToUnixTimeSeconds() ?? 0,
            State = StateOf(container),
            Status = StatusOf(container),
        };
    }

    public static string StateOf(Container container) => container.State.Status.ToString().ToLowerInvariant();

    /// <summary>The state and its duration, such as "Up 3 minutes".</summary>
    public static string StatusOf(Container container) => container.State switch
    {
        { Status: ContainerStatus.Running, StartedAt: { } since } => $"Up {HumanFormat.Duration(DateTimeOffset.UtcNow - since)}",
        { Status: ContainerStatus.Exited } state => StatusOfExited(state),
        var state => state.Status.ToString(),
    };

    private static string StatusOfExited(ContainerState state)
    {
        var ago = state.FinishedAt is { } at ? $" {HumanFormat.Ago(at)}" : "";
        return $"Exited ({state.ExitCode}){ago}{(state.Checkpointed ? " (checkpointed)" : "")}";
    }

    /// <summary>Sizes in bytes (Podman: ContainerSize).</summary>
    internal sealed record SizePart([property: JsonPropertyName("rootFsSize")] long RootFs, [property: JsonPropertyName("rwSize")] long Rw);
}
