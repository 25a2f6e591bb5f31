using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Cli.Output.Inspect;

/// <summary>A volume or bind mount (Podman: InspectMount).</summary>
internal sealed record MountInspection
{
    public required string Type { get; init; }
    public string? Name { get; init; }
    public required string Source { get; init; }
    public required string Destination { get; init; }
    public required string Driver { get; init; }
    public required string Mode { get; init; }
    public required IReadOnlyList<string> Options { get; init; }
    public bool RW { get; init; }
    public required string Propagation { get; init; }

    /// <summary>Volumes and bind mounts that the user or the image asked for.</summary>
    public static IReadOnlyList<MountInspection> FromContainer(Container container) =>
        [.. Asked(container).Where(asked => asked.Mount.Type != "tmpfs").Select(asked => FromContainer(asked.Mount, asked.Volume))];

    /// <summary>All mounts that the user or the image asked for; not those that every container has.</summary>
    public static IEnumerable<(OciMount Mount, NamedVolume? Volume)> Asked(Container container)
    {
        var (config, mounts) = (container.Config, container.Spec.Mounts ?? []);
        var asked = config.UserVolumes ?? [];
        return mounts.Where(mount => asked.Contains(mount.Destination))
            .Select(mount => (mount, config.NamedVolumes?.FirstOrDefault(volume => volume.Destination == mount.Destination)));
    }

    private static MountInspection FromContainer(OciMount mount, NamedVolume? volume)
    {
        var options = mount.Options ?? [];
        var propagation = options.LastOrDefault(IsPropagation) ?? "";
        var mode = options.LastOrDefault(option => option is "z" or "Z") ?? "";
        return new MountInspection
        {
            Type = volume is not null ? "volume" : "bind",
            Name = volume?.Name,
            Source = mount.Source ?? "",
            Destination = mount.Destination,
            Driver = volume is not null ? "local" : "",
            Mode = mode,
            Options = [.. options.Where(option => !IsPropagation(option) && option is not ("ro" or "rw" or "z" or "Z"))],
            RW = !options.Contains("ro"),
            Propagation = propagation,
        };
    }

    private static bool IsPropagation(string option) =>
        option is "shared" or "slave" or "private" or "rshared" or "rslave" or "rprivate" or "unbindable" or "runbindable";
}
