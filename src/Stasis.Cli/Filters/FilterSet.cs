using Stasis.Cli.Parsing;

namespace Stasis.Cli.Filters;

/// <summary>
/// <c>--filter KEY=VALUE</c>, given several times. Those with one key are alternatives, labels excepted; those with different keys must all hold, as in Podman.
/// </summary>
internal sealed class FilterSet<T>
{
    private readonly List<(string Key, Func<T, bool> Matches)> _filters = [];

    /// <param name="texts">As typed.</param>
    /// <param name="predicate">What a key and a value mean; null for a key that isn't known.</param>
    /// <param name="keys">The keys there are, for the message that another isn't.</param>
    public FilterSet(IEnumerable<string> texts, Func<string, string, Func<T, bool>?> predicate, string keys)
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
