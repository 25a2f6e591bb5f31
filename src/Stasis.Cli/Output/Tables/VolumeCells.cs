using Stasis.Cli.Output.Inspect;

namespace Stasis.Cli.Output.Tables;

/// <summary>The cells of a row of <c>volume ls</c>: the fields that templates can use (Podman: volumeReporter).</summary>
internal sealed record VolumeCells
{
    public required string Name { get; init; }
    public required string Driver { get; init; }
    public required string Mountpoint { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public required string Labels { get; init; }
    public required string Scope { get; init; }
    public required IReadOnlyDictionary<string, string> Options { get; init; }
    public bool Anonymous { get; init; }
    public int MountCount { get; init; }

    public static VolumeCells FromVolume(VolumeInspection volume) => new()
    {
        Name = volume.Name,
        Driver = volume.Driver,
        Mountpoint = volume.Mountpoint,
        CreatedAt = volume.CreatedAt,
        Labels = HumanFormat.Labels(volume.Labels),
        Scope = volume.Scope,
        Options = volume.Options,
        Anonymous = volume.Anonymous,
        MountCount = volume.MountCount,
    };
}
