using System.Globalization;
using System.Text.RegularExpressions;
using Stasis.Cli.Parsing;

namespace Stasis.Cli.Filters;

/// <summary>Parses values of filters. Throws a <see cref="UsageException"/> that names the filter if a value is invalid.</summary>
internal static class FilterValues
{
    /// <summary>Whether there is a label that matches KEY or KEY=VALUE.</summary>
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
