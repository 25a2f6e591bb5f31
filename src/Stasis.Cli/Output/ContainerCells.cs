using System.Globalization;
using Stasis.Engine.Containers;

namespace Stasis.Cli.Output;

/// <summary>A container in <c>ps</c>' table, and what its templates may name (Podman: psReporter).</summary>
internal sealed record ContainerCells
{
    public required string ID { get; init; }
    public required string Image { get; init; }
    public required string ImageID { get; init; }
    public required string Command { get; init; }
    public required string CreatedAt { get; init; }
    public required string CreatedHuman { get; init; }
    public required string RunningFor { get; init; }
    public required string Status { get; init; }
    public required string State { get; init; }
    public string Ports { get; init; } = "";
    public required string Names { get; init; }
    public required string Labels { get; init; }
    public required string Mounts { get; init; }
    public string Networks { get; init; } = "";
    public int Pid { get; init; }
    public int ExitCode { get; init; }
    public bool Exited { get; init; }
    public int Restarts { get; init; }
    public bool AutoRemove { get; init; }

    public static ContainerCells Of(Container container, bool whole)
    {
        var row = ContainerRow.Of(container);
        var command = string.Join(' ', row.Command);
        return new ContainerCells
        {
            ID = Human.Id(row.Id, whole),
            Image = row.Image,
            ImageID = Human.Id(row.ImageID, whole),
            Command = whole || command.Length <= 17 ? command : command[..17] + "...",
            CreatedAt = container.Config.CreatedTime.ToString("yyyy-MM-dd HH:mm:ss.fffffff zzz", CultureInfo.InvariantCulture),
            CreatedHuman = row.CreatedAt,
            RunningFor = row.CreatedAt,
            Status = row.Status,
            State = row.State,
            Names = container.Name,
            Labels = string.Join(',', row.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")),
            Mounts = string.Join(',', row.Mounts),
            Pid = row.Pid,
            ExitCode = row.ExitCode,
            Exited = row.Exited,
            Restarts = row.Restarts,
            AutoRemove = row.AutoRemove,
        };
    }
}
