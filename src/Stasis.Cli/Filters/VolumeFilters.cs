using Stasis.Engine.Volumes;

namespace Stasis.Cli.Filters;

/// <summary>Filters of <c>volume ls</c> and <c>volume prune</c> (Podman: pkg/domain/filters/volumes.go).</summary>
internal static class VolumeFilters
{
    public const string Keys = "name, label, label!, dangling, anonymous, until, since, driver";

    public static FilterSet<Volume> Parse(IEnumerable<string> texts, VolumeManager volumes) =>
        new(texts, (key, value) => Predicate(key, value, volumes), Keys);

    private static Func<Volume, bool>? Predicate(string key, string value, VolumeManager volumes)
    {
        switch (key)
        {
            case "name":
                var pattern = FilterValues.Pattern(key, value);
                return volume => pattern.IsMatch(volume.Name);
            case "label":
                return volume => FilterValues.HasLabel(volume.Labels, value);
            case "label!":
                return volume => !FilterValues.HasLabel(volume.Labels, value);
            case "dangling":
                var dangling = FilterValues.Bool(key, value);
                return volume => (volumes.UsersOf(volume.Name).Count == 0) == dangling;
            case "anonymous":
                var anonymous = FilterValues.Bool(key, value);
                return volume => volume.IsAnonymous == anonymous;
            case "until":
                var until = FilterValues.Moment(key, value);
                return volume => volume.CreatedAt < until;
            case "since" or "after":
                var since = volumes.Get(value).CreatedAt;
                return volume => volume.CreatedAt > since;
            case "driver" or "scope":
                return _ => value == "local";
            default:
                return null;
        }
    }
}
