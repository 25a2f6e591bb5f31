using System.Text.Json.Serialization;
using Stasis.Cli.Output.Inspect;

namespace Stasis.Cli.Output.Tables;

/// <summary>The cells of a row of <c>checkpoint ls</c>: the fields that templates can use.</summary>
internal sealed record CheckpointCells
{
    [JsonPropertyName("ID")] public required string Id { get; init; }
    /// <summary>All names, separated by commas.</summary>
    public required string Tag { get; init; }
    /// <summary>Name of the container at the checkpoint.</summary>
    public required string Container { get; init; }
    public required string Image { get; init; }
    public required string Origin { get; init; }
    /// <summary>true; false until all memory is in the store.</summary>
    public required string Complete { get; init; }
    public required string Created { get; init; }
    public required string Used { get; init; }
    public required string Size { get; init; }
    public required string Shared { get; init; }
    public required string Users { get; init; }

    public static CheckpointCells FromCheckpoint(CheckpointInspection checkpoint, bool noTruncate) => new()
    {
        Id = HumanFormat.Id(checkpoint.Id, noTruncate),
        Tag = string.Join(',', checkpoint.Tags),
        Container = checkpoint.ContainerName,
        Image = checkpoint.Image,
        Origin = checkpoint.Origin,
        Complete = checkpoint.Complete ? "true" : "false",
        Created = HumanFormat.Ago(checkpoint.Created),
        Used = HumanFormat.Ago(checkpoint.Used),
        Size = HumanFormat.Size(checkpoint.Size),
        Shared = HumanFormat.Size(checkpoint.SharedSize),
        Users = string.Join(',', checkpoint.Users),
    };
}
