using System.Text.RegularExpressions;
using Stasis.Engine;
using Stasis.Engine.Images;

namespace Stasis.Cli.Filters;

/// <summary>Filters of <c>images</c> and <c>image prune</c> (Podman: libimage/filters.go).</summary>
internal static class ImageFilters
{
    public const string Keys = "reference, id, digest, label, label!, dangling, containers, before, since, until, intermediate, readonly";

    public static FilterSet<Image> Parse(IEnumerable<string> texts, StasisEngine engine) =>
        new(texts, (key, value) => Predicate(key, value, engine), Keys);

    private static Func<Image, bool>? Predicate(string key, string value, StasisEngine engine)
    {
        switch (key)
        {
            case "reference":
                return Reference(value, engine);
            case "id":
                return image => image.Id.StartsWith(value.Replace("sha256:", "", StringComparison.Ordinal), StringComparison.Ordinal);
            case "digest":
                return image => image.ManifestDigest?.StartsWith(value, StringComparison.Ordinal) == true;
            case "label":
                return image => FilterValues.HasLabel(image.Config.Labels, value);
            case "label!":
                return image => !FilterValues.HasLabel(image.Config.Labels, value);
            case "dangling":
                var dangling = FilterValues.Bool(key, value);
                return image => image.Names.Count == 0 == dangling;
            case "containers":
                var used = FilterValues.Bool(key, value);
                return image => engine.Containers.List().Any(container => container.Config.RootfsImageId == image.Id) == used;
            case "before":
                var before = engine.Images.Get(value).Created;
                return image => image.Created < before;
            case "since" or "after":
                var since = engine.Images.Get(value).Created;
                return image => image.Created > since;
            case "until":
                var until = FilterValues.Moment(key, value);
                return image => image.Created < until;
            case "intermediate" or "readonly":
                var wanted = FilterValues.Bool(key, value);
                return _ => !wanted; // Stasis has no such images
            default:
                return null;
        }
    }

    // A name or ID of an image; or a pattern with * and ? for its name, with or without registry and tag.
    private static Func<Image, bool> Reference(string value, StasisEngine engine)
    {
        var id = engine.Images.Find(value)?.Id;
        var name = Regex.Escape(value)
            .Replace(@"\*", "[^/]*", StringComparison.Ordinal)
            .Replace(@"\?", "[^/]", StringComparison.Ordinal);
        var pattern = new Regex($@"\A(.*/)?{name}(:[^/]*)?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        return image => image.Id == id || image.Names.Any(pattern.IsMatch);
    }
}
