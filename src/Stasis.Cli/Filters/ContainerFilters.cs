using Stasis.Cli.Parsing;
using Stasis.Engine;
using Stasis.Engine.Model;

namespace Stasis.Cli.Filters;

/// <summary>Filters of <c>ps</c> and <c>container prune</c> (Podman: pkg/domain/filters/containers.go).</summary>
internal static class ContainerFilters
{
    public const string Keys =
        "id, name, status, label, label!, ancestor, exited, volume, network, before, since, until, health, command, restart-policy, pod";

    /// <summary>Keys of <c>container prune</c>.</summary>
    public const string PruneKeys = "label, label!, until";

    public static FilterSet<Container> Parse(IEnumerable<string> texts, StasisEngine engine) =>
        new(texts, (key, value) => Predicate(key, value, engine), Keys);

    public static FilterSet<Container> ParsePrune(IEnumerable<string> texts) => new(texts, Common, PruneKeys);

    private static Func<Container, bool>? Predicate(string key, string value, StasisEngine engine)
    {
        switch (key)
        {
            case "id":
                return container => container.Id.StartsWith(value, StringComparison.Ordinal);
            case "name":
                var name = FilterValues.Pattern(key, value.Replace("/", "", StringComparison.Ordinal));
                return container => name.IsMatch(container.Name);
            case "status":
                var status = Status(value);
                return container => container.State.Status == status;
            case "exited":
                var code = FilterValues.Integer(key, value);
                return container => container.State.Status == ContainerStatus.Exited && container.State.ExitCode == code;
            case "ancestor":
                return Ancestor(value, engine);
            case "volume":
                return container => HasVolume(container, value);
            case "network":
                var network = engine.Networks.Find(value)?.Name;
                return container => network is not null && container.Config.Networks?.ContainsKey(network) == true;
            case "before":
                var before = engine.Containers.Get(value).Config.CreatedTime;
                return container => container.Config.CreatedTime < before;
            case "since":
                var since = engine.Containers.Get(value).Config.CreatedTime;
                return container => container.Config.CreatedTime > since;
            case "command":
                var command = FilterValues.Pattern(key, value);
                return container => container.Config.Command is [var first, ..] && command.IsMatch(first);
            case "restart-policy":
                var wanted = value == "no" ? "none" : value;
                return container => (container.Config.RestartPolicy is { Length: > 0 } policy and not "no" ? policy : "none") == wanted;
            case "health" or "pod":
                return _ => false; // Stasis has no health checks and no pods
            default:
                return Common(key, value);
        }
    }

    private static Func<Container, bool>? Common(string key, string value)
    {
        switch (key)
        {
            case "label":
                return container => FilterValues.HasLabel(container.Config.Labels, value);
            case "label!":
                return container => !FilterValues.HasLabel(container.Config.Labels, value);
            case "until":
                var until = FilterValues.Moment(key, value);
                return container => container.Config.CreatedTime < until;
            default:
                return null;
        }
    }

    private static ContainerStatus Status(string value) => value switch
    {
        "created" => ContainerStatus.Created,
        "running" => ContainerStatus.Running,
        "paused" => ContainerStatus.Paused,
        "exited" or "stopped" => ContainerStatus.Exited,
        "removing" => ContainerStatus.Removing,
        _ => throw new UsageException($"invalid filter status={value}: it must be one of created, running, paused, exited, removing"),
    };

    // A name or ID of an image, a part of its ID, or a regular expression for its name.
    private static Func<Container, bool> Ancestor(string value, StasisEngine engine)
    {
        var pattern = FilterValues.Pattern("ancestor", value);
        var id = engine.Images.Find(value)?.Id;
        return container =>
            (container.Config.RootfsImageId is { } image && (image == id || image.Contains(value, StringComparison.Ordinal)))
            || (container.Config.RootfsImageName is { } name && pattern.IsMatch(name));
    }

    // The name of a volume, a path in the container, or SOURCE:PATH.
    private static bool HasVolume(Container container, string value)
    {
        var pair = value.Split(':', 2);
        return (container.Spec.Mounts ?? []).Any(
            mount => pair is [var source, var path] ? mount.Source == source && mount.Destination == path : mount.Destination == value)
            || (container.Config.NamedVolumes ?? []).Any(
                volume => pair is [var source, var path] ? volume.Name == source && volume.Destination == path : volume.Name == value);
    }
}
