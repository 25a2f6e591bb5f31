using Stasis.Cli.Parsing;

namespace Stasis.Cli.Filters;

/// <summary>
/// The <c>--filter KEY=VALUE</c> options of a command. As in Podman, an item must match all keys; of several filters with the same key, any
/// one, except labels, which must all match.
/// </summary>
internal sealed class FilterSet<T>
{
    private readonly List<(string Key, Func<T, bool> Matches)> _filters = [];

    /// <param name="texts">The values of the options.</param>
    /// <param name="predicate">Makes a predicate from a key and a value; gives null for an unknown key.</param>
    /// <param name="keys">All keys, for the message about an unknown one.</param>
    /// <exception cref="UsageException">A filter is not KEY=VALUE, its key is unknown, or its value is invalid.</exception>
    public FilterSet(IEnumerable<string> texts, Func<string, string, Func<T, bool>?> predicate, string keys)
    {
        foreach (var text in texts)
        {
            if (text.Split('=', 2) is not [var key, var value])
                throw new UsageException($"invalid filter \"{text}\": it must be KEY=VALUE");
            _filters.Add(
                (key, predicate(key, value) ?? throw new UsageException($"\"{key}\" is an invalid filter: it must be one of {keys}")));
        }
    }

    public bool Has(string key) => _filters.Any(filter => filter.Key == key);

    public bool Match(T item) => _filters.GroupBy(filter => filter.Key).All(same => same.Key is "label" or "label!"
        ? same.All(filter => filter.Matches(item))
        : same.Any(filter => filter.Matches(item)));
}
