using System.Text.Json.Serialization;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Storage;

namespace Stasis.Cli.Output.Inspect;

/// <summary>What <c>checkpoint inspect</c> prints of a checkpoint in the store. Sizes are in bytes.</summary>
internal sealed record CheckpointInspection
{
    public required string Id { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }
    /// <summary>Where the checkpoint came from: archive, image or container.</summary>
    public required string Origin { get; init; }
    /// <summary>sha256: and the hash of the archive; null if there is none.</summary>
    public string? Digest { get; init; }
    /// <summary>Whether all memory is in the store. If not, the archive is still being read, or reading was interrupted.</summary>
    public bool Complete { get; init; }
    public required string ContainerId { get; init; }
    public required string ContainerName { get; init; }
    public required string Image { get; init; }
    public DateTimeOffset Created { get; init; }
    public DateTimeOffset Used { get; init; }
    public long Size { get; init; }
    public long SharedSize { get; init; }
    /// <summary>Names of the containers that use it.</summary>
    public required IReadOnlyList<string> Users { get; init; }
    [JsonPropertyName("Path")] public required string Folder { get; init; }

    public static CheckpointInspection FromCheckpoint(StoredCheckpoint checkpoint, CheckpointManager checkpoints)
    {
        var size = checkpoints.SizeOf(checkpoint);
        return new CheckpointInspection
        {
            Id = checkpoint.Id,
            Tags = checkpoint.Tags,
            Origin = checkpoint.Origin.ToString().ToLowerInvariant(),
            Digest = checkpoint.Digest is { } digest ? $"sha256:{digest}" : null,
            Complete = checkpoint is { IsComplete: true, MayBeLost: false },
            ContainerId = checkpoint.ContainerId,
            ContainerName = checkpoint.ContainerName,
            Image = checkpoint.Image ?? "",
            Created = checkpoint.Created.ToLocalTime(),
            Used = checkpoint.Used.ToLocalTime(),
            Size = size.Total,
            SharedSize = size.Shared,
            Users = checkpoints.UsersOf(checkpoint),
            Folder = checkpoints.PathOf(checkpoint),
        };
    }
}
