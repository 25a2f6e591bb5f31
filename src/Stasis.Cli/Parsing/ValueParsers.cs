using System.Globalization;

namespace Stasis.Cli.Parsing;

/// <summary>Parses option values as Podman does. Throws a <see cref="FormatException"/> that tells what a value must look like.</summary>
internal static class ValueParsers
{
    private static readonly (string Unit, double Seconds)[] DurationUnits =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600)];

    public static bool Bool(string text) => text switch
    {
        "true" or "1" or "t" or "T" or "TRUE" or "True" => true,
        "false" or "0" or "f" or "F" or "FALSE" or "False" => false,
        _ => throw new FormatException("it must be true or false"),
    };

    public static long Integer(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
        ? value : throw new FormatException("it must be a whole number");

    /// <summary>A whole number of at least 1.</summary>
    public static long Count(string text) =>
        Integer(text) is > 0 and var count ? count : throw new FormatException("it must be a whole number, 1 or more");

    public static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= 0 && double.IsFinite(value)
        ? value : throw new FormatException("it must be a number, 0 or more");

    /// <summary>Bytes: a number with an optional b, k, m, g or t, in powers of 1024 (docker/go-units RAMInBytes).</summary>
    public static long Size(string text)
    {
        var unit = text.ToLowerInvariant().AsSpan();
        var digits = unit.TrimEnd("bkmgti");
        var factor = unit[digits.Length..].TrimEnd("ib") switch
        {
            "" => 1L,
            "k" => 1L << 10,
            "m" => 1L << 20,
            "g" => 1L << 30,
            "t" => 1L << 40,
            _ => 0,
        };
        return factor > 0
            && double.TryParse(digits.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value * factor < long.MaxValue
            ? (long)(value * factor)
            : throw new FormatException("it must be a size such as 64m or 1g");
    }

    /// <summary>A whole number of seconds; a negative number is <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static TimeSpan? Seconds(string text) => Integer(text) is var seconds && seconds < 0
        ? Timeout.InfiniteTimeSpan
        : seconds <= int.MaxValue ? TimeSpan.FromSeconds(seconds) : throw new FormatException($"it must be at most {int.MaxValue}");

    public static uint? WholeSeconds(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : throw new FormatException("it must be a whole number of seconds");

    /// <summary>A time: RFC 3339, a date, seconds since 1970, or a duration before now such as 10m or 1h30m.</summary>
    public static DateTimeOffset? Moment(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var unix) && unix < 2e11)
            return DateTimeOffset.UnixEpoch.AddSeconds(unix);
        if (Duration(text) is { } ago)
            return DateTimeOffset.UtcNow - ago;
        if (text.Length >= 10 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var moment))
            return moment;
        throw new FormatException("it must be a time such as 2026-01-31T10:20:30Z, or a duration such as 10m");
    }

    /// <summary>A duration such as 1h30m, or whole days or weeks such as 30d and 2w.</summary>
    public static TimeSpan Age(string text) =>
        text is [.. var number, 'd' or 'w']
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count < 100_000
            ? TimeSpan.FromDays(text[^1] == 'd' ? count : 7 * count)
            : Duration(text) ?? throw new FormatException("it must be a duration such as 12h, 7d or 2w");

    /// <summary>KEY=VALUE pairs; KEY alone has an empty value. If a key is repeated, the last value counts.</summary>
    public static Dictionary<string, string> Pairs(IEnumerable<string> given)
    {
        var pairs = new Dictionary<string, string>();
        foreach (var pair in given)
            pairs[pair.Split('=', 2)[0]] = pair.Split('=', 2) is [_, var value] ? value : "";
        return pairs;
    }

    /// <summary>
    /// KEY=VALUE pairs; KEY alone takes the value of the caller's environment variable, and is left out if that is not set. If a key is
    /// repeated, the last value counts.
    /// </summary>
    /// <exception cref="UsageException">A key is empty.</exception>
    public static Dictionary<string, string> Variables(IEnumerable<string> given)
    {
        var variables = new Dictionary<string, string>();
        foreach (var parts in given.Select(text => text.Split('=', 2)))
        {
            var (key, value) = (parts[0], parts is [_, var text] ? text : Environment.GetEnvironmentVariable(parts[0]));
            if (key.Length == 0)
                throw new UsageException($"invalid value \"={value}\" for --env: it must be KEY=VALUE, or KEY");
            if (value is not null)
                variables[key] = value;
        }
        return variables;
    }

    // As Go's time.ParseDuration.
    private static TimeSpan? Duration(string text)
    {
        var seconds = 0.0;
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            var afterNumber = rest.TrimStart("0123456789.");
            var nextNumber = afterNumber.IndexOfAnyInRange('.', '9');
            var unit = nextNumber < 0 ? afterNumber.ToString() : afterNumber[..nextNumber].ToString();
            var known = Array.Find(DurationUnits, candidate => candidate.Unit == unit);
            var number = rest[..^afterNumber.Length];
            if (known.Unit is null || !double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
                return null;
            seconds += value * known.Seconds;
            rest = afterNumber[unit.Length..];
        }
        return text.Length > 0 && seconds < 1e11 ? TimeSpan.FromSeconds(seconds) : null;
    }
}
