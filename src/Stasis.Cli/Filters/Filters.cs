using System.Globalization;
using System.Text.RegularExpressions;
using Stasis.Cli.Parsing;

namespace Stasis.Cli.Filters;

/// <summary>
/// <c>--filter KEY=VALUE</c>, given several times. Those with one key are alternatives, labels excepted; those with different keys must all hold, as in Podman.
/// </summary>
internal sealed class Filters<T>
{
    private readonly List<(string Key, Func<T, bool> Matches)> _filters = [];

    /// <param name="texts">As typed.</param>
    /// <param name="predicate">What a key and a value mean; null for a key that isn't known.</param>
    /// <param name="keys">The keys there are, for the message that another isn't.</param>
    public Filters(IEnumerable<string> texts, Func<string, string, Func<T, bool>?> predicate, string keys)
    {
        foreach (var text in texts)
        {
            if (text.Split('=', 2) is not [var key, var value])
                throw new UsageException($"invalid filter \"{text}\": it must be KEY=VALUE");
            _filters.Add((key, predicate(key, value) ?? throw new UsageException($"\"{key}\" is an invalid filter: it must be one of {keys}")));
        }
    }

    public bool Has(string key) => _filters.Any(filter => filter.Key == key);

    public bool Match(T item) => _filters.GroupBy(filter => filter.Key).All(same => same.Key is "label" or "label!"
        ? same.All(filter => filter.Matches(item))
        : same.Any(filter => filter.Matches(item)));
}

/// <summary>Values that filters take.</summary>
internal static class FilterValues
{
    /// <summary>KEY, or KEY=VALUE.</summary>
    public static bool HasLabel(IReadOnlyDictionary<string, string>? labels, string wanted) => wanted.Split('=', 2) is var pair
        && labels is not null && labels.TryGetValue(pair[0], out var value) && (pair is [_] or [_, ""] || pair[1] == value);

    public static bool Bool(string key, string value) => value.ToLowerInvariant() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new UsageException($"\"{value}\" is not a valid value for the \"{key}\" filter - must be true or false"),
    };

    public static int Integer(string key, string value) => int.TryParse(value, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new UsageException($"invalid filter {key}={value}: it must be a whole number");

    public static DateTimeOffset Moment(string key, string value)
    {
        try
        {
            return ValueParsers.Moment(value) ?? default;
        }
        catch (FormatException exception)
        {
            throw new UsageException($"invalid filter {key}={value}: {exception.Message}");
        }
    }

    public static Regex Pattern(string key, string value)
    {
        try
        {
            return new Regex(value, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new UsageException($"invalid filter {key}={value}: it must be a regular expression");
        }
    }
}
