using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>A published port that answers before and after.</summary>
public sealed class PortWorkload(InteropFixture fixture, int number) : Workload
{
    private readonly int _port = 20000 + number;

    public override string Title => "published port";

    public override string Background => "while :; do nc -l -p 8 -e cat; done";

    public override IReadOnlyList<string> RunOptions => ["-p", $"{_port}:8"];

    public override IReadOnlyList<string> Allowed => [$"port:{_port}"];

    public override async Task BeginAsync(Side side, string container)
    {
        await AnswersAsync();
        // The container's side of the connection has ended too.
        await Eventually.GetAsync(() => side.OkAsync("exec", container, "netstat", "-tn"),
            text => !text.Contains(":8 ", StringComparison.Ordinal));
    }

    public override Task CheckAsync(Side side, string container) => AnswersAsync();

    private async Task AnswersAsync()
    {
        using var line = await Line.ConnectAsync(fixture.Host, "127.0.0.1", _port);
        Assert.Equal("hello", await line.AskAsync("hello"));
    }
}
