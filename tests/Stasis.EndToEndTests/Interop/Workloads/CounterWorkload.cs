using System.Globalization;
using Xunit;

namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>A number a line, fifty times a second: none is missing, none comes twice, and those from before are in the log too.</summary>
public sealed class CounterWorkload : Workload
{
    private int _frozenAt;

    public override string Title => "counter";

    public override Task BeginAsync(Side side, string container) => ReachesAsync(side, container, 3);

    public override async Task FrozenAsync(Side side, string container) => _frozenAt = (await LogAsync(side, container))[^1];

    public override async Task CheckAsync(Side side, string container)
    {
        await ReachesAsync(side, container, _frozenAt + 3);
        var log = await LogAsync(side, container);
        Assert.Equal(Enumerable.Range(1, log.Count), log);
    }

    private static Task<List<int>> ReachesAsync(Side side, string container, int number) =>
        Eventually.GetAsync(() => LogAsync(side, container), log => log is [.., var last] && last > number);

    private static async Task<List<int>> LogAsync(Side side, string container) =>
        [
            .. (await side.OkAsync("logs", container))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(line => int.Parse(line, CultureInfo.InvariantCulture))
        ];
}
