using System.Globalization;

namespace Stasis.Cli.Output;

/// <summary>Formats times and sizes for people, as Podman does (docker/go-units).</summary>
internal static class HumanFormat
{
    public static string Duration(TimeSpan span)
    {
        var hours = (int)(span.TotalHours + 0.5);
        return span.TotalSeconds switch
        {
            < 1 => "Less than a second",
            < 2 => "1 second",
            < 60 => $"{(int)span.TotalSeconds} seconds",
            < 120 => "About a minute",
            < 3600 => $"{(int)span.TotalMinutes} minutes",
            _ => hours switch
            {
                1 => "About an hour",
                < 48 => $"{hours} hours",
                < 24 * 7 * 2 => $"{hours / 24} days",
                < 24 * 30 * 2 => $"{hours / 24 / 7} weeks",
                < 24 * 365 * 2 => $"{hours / 24 / 30} months",
                _ => $"{hours / 24 / 365} years",
            },
        };
    }

    public static string Ago(DateTimeOffset moment) => $"{Duration(DateTimeOffset.UtcNow - moment)} ago";

    /// <summary>KEY=VALUE pairs, sorted by key and separated by commas.</summary>
    public static string Labels(IReadOnlyDictionary<string, string> labels) =>
        string.Join(',', labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));

    /// <summary>A number of bytes with three digits, in powers of 1000.</summary>
    public static string Size(long bytes, string space = " ")
    {
        string[] units = ["B", "kB", "MB", "GB", "TB", "PB"];
        double value = bytes;
        var unit = 0;
        while (value >= 1000 && unit < units.Length - 1)
            (value, unit) = (value / 1000, unit + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{value:G3}{space}{units[unit]}");
    }

    /// <summary>The first twelve digits of an ID, or all.</summary>
    public static string Id(string id, bool isFull = false) => isFull || id.Length <= 12 ? id : id[..12];
}
