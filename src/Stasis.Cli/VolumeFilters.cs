using System.Text.RegularExpressions;
using Stasis.Engine.Storage;

namespace Stasis.Cli;

/// <summary>
/// The <c>--filter KEY=VALUE</c>s of <c>volume ls</c> and <c>volume prune</c>. Filters with one key are alternatives, labels excepted; those with different keys
/// must all hold, as in Podman (pkg/domain/filters/volumes.go).
/// </summary>
internal sealed class VolumeFilters
{
    public const string Keys = "name, label, label!, dangling, anonymous, until, since, driver";

    private readonly List<(string Key, Func<Volume, bool> Matches)> _filters = [];

    public static VolumeFilters Parse(IEnumerable<string> texts, VolumeManager volumes)
    {
        var filters = new VolumeFilters();
        foreach (var text in texts)
        {
            if (text.Split('=', 2) is not [var key, var value])
                throw new UsageException($"invalid filter \"{text}\": it must be KEY=VALUE");
            filters._filters.Add((key, Predicate(key, value, volumes)));
        }
        return filters;
    }

    public bool Match(Volume volume) => _filters.GroupBy(filter => filter.Key).All(group => group.Key.StartsWith("label", StringComparison.Ordinal)
        ? group.All(filter => filter.Matches(volume))
        : group.Any(filter => filter.Matches(volume)));

    private static Func<Volume, bool> Predicate(string key, string value, VolumeManager volumes)
    {
        switch (key)
        {
            case "name":
                var pattern = Pattern(value);
                return volume => pattern.IsMatch(volume.Name);
            case "label":
                return volume => HasLabel(volume, value);
            case "label!":
                return volume => !HasLabel(volume, value);
            case "dangling":
                var dangling = Bool(key, value);
                return volume => (volumes.UsersOf(volume.Name).Count == 0) == dangling;
            case "anonymous":
                var anonymous = Bool(key, value);
                return volume => volume.IsAnonymous == anonymous;
            case "until":
                var until = Moment(value);
                return volume => volume.CreatedAt < until;
            case "since" or "after":
                var since = volumes.Get(value).CreatedAt;
                return volume => volume.CreatedAt > since;
            case "driver" or "scope":
                return _ => value == "local";
            default:
                throw new UsageException($"\"{key}\" is an invalid volume filter: it must be one of {Keys}");
        }
    }

    private static bool HasLabel(Volume volume, string wanted) => wanted.Split('=', 2) is var pair
        && volume.Labels.TryGetValue(pair[0], out var value) && (pair.Length < 2 || pair[1] == value);

    private static bool Bool(string key, string value) => value.ToLowerInvariant() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new UsageException($"\"{value}\" is not a valid value for the \"{key}\" filter - must be true or false"),
    };

    private static DateTimeOffset? Moment(string value)
    {
        try
        {
            return Values.Moment(value);
        }
        catch (FormatException exception)
        {
            throw new UsageException($"invalid filter until={value}: {exception.Message}");
        }
    }

    private static Regex Pattern(string value)
    {
        try
        {
            return new Regex(value, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new UsageException($"invalid filter name={value}: it must be a regular expression");
        }
    }
}
