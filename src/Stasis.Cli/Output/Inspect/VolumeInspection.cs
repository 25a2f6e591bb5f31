using System.Text.Json.Serialization;
using Stasis.Engine.Model;
using Stasis.Engine.Volumes;

namespace Stasis.Cli.Output.Inspect;

/// <summary>What <c>volume inspect</c> prints, with Podman's fields (libpod/define/volume_inspect.go).</summary>
internal sealed record VolumeInspection
{
    public required string Name { get; init; }
    public string Driver { get; init; } = "local";
    public required string Mountpoint { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public string Scope { get; init; } = "local";
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public bool Anonymous { get; init; }
    /// <summary>Number of running containers that use the volume.</summary>
    public int MountCount { get; init; }

    public static VolumeInspection FromVolume(Volume volume, IEnumerable<Container> containers) => new()
    {
        Name = volume.Name,
        Mountpoint = volume.Path,
        CreatedAt = volume.CreatedAt.ToLocalTime(),
        Labels = volume.Labels,
        Anonymous = volume.IsAnonymous,
        MountCount = containers.Count(
            container => container.State.IsAlive && (container.Config.NamedVolumes ?? []).Any(used => used.Name == volume.Name)),
    };
}
