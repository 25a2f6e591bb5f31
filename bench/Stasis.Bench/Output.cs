using System.Globalization;

namespace Stasis.Bench;

/// <summary>What a container printed, with the time at which its conmon read each line.</summary>
internal sealed record Output(IReadOnlyList<DateTimeOffset> Times)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static async Task<Output> OfAsync(Tool tool, string container)
    {
        var text = (await tool.RunAsync("logs", "--timestamps", container)).Output;
        return new Output([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Time)]);
    }

    /// <summary>When each of the containers had printed something after <paramref name="begun"/>; waits until all have.</summary>
    public static async Task<DateTimeOffset> FirstOfAllAsync(Tool tool, DateTimeOffset begun, params IReadOnlyList<string> containers)
    {
        var last = begun;
        foreach (var container in containers)
        {
            var first = await FirstAsync(tool, begun, container);
            last = first > last ? first : last;
        }
        return last;
    }

    /// <summary>
    /// The longest time without a line, from the last one before <paramref name="begun"/> on: for how long the container stood still.
    /// </summary>
    public TimeSpan LongestGap(DateTimeOffset begun)
    {
        var times = Times.Where((time, i) => i + 1 == Times.Count || Times[i + 1] >= begun).ToList();
        return times.Zip(times.Skip(1), (one, next) => next - one).DefaultIfEmpty().Max();
    }

    private static async Task<DateTimeOffset> FirstAsync(Tool tool, DateTimeOffset begun, string container)
    {
        while (DateTimeOffset.UtcNow - begun < Limit)
        {
            var times = (await OfAsync(tool, container)).Times;
            if (times.Any(time => time > begun))
                return times.First(time => time > begun);
            await Task.Delay(20);
        }
        throw new InvalidOperationException($"{tool.Name}: container {container} has printed nothing within {Limit}");
    }

    private static DateTimeOffset Time(string line) => DateTimeOffset.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);
}
