using Xunit;

namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>A Redis server with 20 000 keys, in memory alone.</summary>
public sealed class RedisWorkload : Workload
{
    public override string Title => "Redis";

    public override IReadOnlyList<string> RunOptions => ["--network", "podman"];

    public override async Task BeginAsync(Side side, string container)
    {
        await Eventually.GetAsync(() => side.RunAsync("exec", container, "redis-cli", "ping"), result => result.Output == "PONG\n");
        Assert.Equal("OK", await AskAsync(side, container, "DEBUG", "POPULATE", "20000", "key", "100"));
        Assert.Equal("1", await AskAsync(side, container, "INCR", "visits"));
    }

    public override async Task CheckAsync(Side side, string container)
    {
        Assert.Equal("20001", await AskAsync(side, container, "DBSIZE"));
        Assert.StartsWith("value:19999", await AskAsync(side, container, "GET", "key:19999"), StringComparison.Ordinal);
        Assert.Equal("2", await AskAsync(side, container, "INCR", "visits"));
    }

    private static Task<string> AskAsync(Side side, string container, params string[] command) =>
        side.OkAsync(["exec", container, "redis-cli", .. command]);
}
