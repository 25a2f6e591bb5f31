using System.Text.RegularExpressions;
using Xunit;

namespace Stasis.EndToEndTests.Interop;

/// <summary>Compares what Programs/files.c lists.</summary>
public static partial class Trees
{
    /// <summary>Podman's tars have whole seconds.</summary>
    public static Limit WholeSeconds { get; } = new(Direction.PodmanToStasis, "Podman's archives have times of files to the second");

    /// <summary>Fails unless all entries but those of the limits are as they were, and those are not.</summary>
    public static void AssertSame(string before, string after, IEnumerable<Limit> limits, Direction direction)
    {
        var known = limits.Where(limit => limit.Direction == direction).ToList();
        var (was, now) = (Entries(before, known.Contains(WholeSeconds)), Entries(after, known.Contains(WholeSeconds)));
        var differing = was.Keys.Union(now.Keys).Where(name => was.GetValueOrDefault(name) != now.GetValueOrDefault(name)).ToHashSet();
        var expected = known.SelectMany(limit => limit.Entries).ToHashSet();
        var wrong = differing.Except(expected)
            .Select(name => $"{name}\n  was:{was.GetValueOrDefault(name)}\n  now:{now.GetValueOrDefault(name)}")
            .Concat(expected.Except(differing).Select(name => $"{name} is as it was, which a limit denies"))
            .ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static Dictionary<string, string> Entries(string list, bool wholeSeconds) => list.Split('\n').ToDictionary(
        line => line.Split(' ')[0],
            line => line[line.IndexOf(' ', StringComparison.Ordinal)..] is var rest && wholeSeconds
                ? Nanoseconds().Replace(rest, "", 1)
                : rest);

    [GeneratedRegex(@"\.\d{9}")]
    private static partial Regex Nanoseconds();
}
