using Stasis.Engine.Containers;
using Stasis.Engine.Model;

namespace Stasis.Cli.Output.Tables;

/// <summary>The cells of a row of <c>ps</c>: the fields that templates can use (Podman: psReporter).</summary>
internal sealed record ContainerCells
{
    public const string Table = @"{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.CreatedHuman}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";
    public const string SizedTable = Table + @"\t{{.Size}}";

    public static readonly IReadOnlyDictionary<string, string> Titles = new Dictionary<string, string>
    {
        ["ID"] = "CONTAINER ID",
        ["CreatedHuman"] = "CREATED",
        ["Pod"] = "POD ID",
        ["PodName"] = "PODNAME",
    };

    private const int MaxCommandLength = 17;

    public required string ID { get; init; }
    public required string Image { get; init; }
    public required string ImageID { get; init; }
    public required string Command { get; init; }
    public DateTimeOffset Created { get; init; }
    public required string CreatedAt { get; init; }
    public required string CreatedHuman { get; init; }
    public required string RunningFor { get; init; }
    public required string Status { get; init; }
    public required string State { get; init; }
    public required string Ports { get; init; }
    public required string Names { get; init; }
    public required string Labels { get; init; }
    /// <summary>For <c>{{.Label "key"}}</c>.</summary>
    public required IReadOnlyDictionary<string, string> Label { get; init; }
    public required IReadOnlyList<string> Mounts { get; init; }
    public required string Networks { get; init; }
    public string Pod { get; init; } = "";
    public string PodName { get; init; } = "";
    public required string Size { get; init; }
    public int Pid { get; init; }
    public int ExitCode { get; init; }
    public bool Exited { get; init; }
    public long ExitedAt { get; init; }
    public long StartedAt { get; init; }
    public int Restarts { get; init; }
    public bool AutoRemove { get; init; }
    public bool IsInfra { get; init; }
    public string CIDFile { get; init; } = "";
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? ExposedPorts { get; init; }

    public static ContainerCells FromContainer(Container container, bool noTruncate, ContainerSize? size)
    {
        var row = ContainerJsonRow.FromContainer(container, size);
        var command = string.Join(' ', row.Command);
        return new ContainerCells
        {
            ID = HumanFormat.Id(row.Id, noTruncate),
            Image = row.Image,
            ImageID = HumanFormat.Id(row.ImageID, noTruncate),
            Command = noTruncate || command.Length <= MaxCommandLength ? command : command[..MaxCommandLength] + "...",
            Created = container.Config.CreatedTime,
            CreatedAt = new Templates.TimeValue(container.Config.CreatedTime).ToString(),
            CreatedHuman = row.CreatedAt,
            RunningFor = row.CreatedAt,
            Status = row.Status,
            State = row.State,
            Ports = PortText.Format(container.Config),
            Names = container.Name,
            Labels = HumanFormat.Labels(row.Labels),
            Label = row.Labels,
            Mounts = row.Mounts,
            Networks = string.Join(',', row.Networks),
            Size = size is null ? "" : $"{HumanFormat.Size(size.Rw, "")} (virtual {HumanFormat.Size(size.RootFs, "")})",
            Pid = row.Pid,
            ExitCode = row.ExitCode,
            Exited = row.Exited,
            ExitedAt = row.ExitedAt,
            StartedAt = row.StartedAt,
            Restarts = row.Restarts,
            AutoRemove = row.AutoRemove,
            ExposedPorts = row.ExposedPorts,
        };
    }
}
