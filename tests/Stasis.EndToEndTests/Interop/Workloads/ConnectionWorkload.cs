using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>An established TCP connection that carries on; what was said while the container was away is answered.</summary>
public sealed class ConnectionWorkload(InteropFixture fixture, AddressWorkload address, Cell cell) : Workload, IDisposable
{
    private Line? _line;

    private bool SpeaksMeanwhile => cell.Direction != Direction.StasisToPodman;

    public override string Title => "established TCP";

    public override IReadOnlyList<Limit> Limits { get; } =
    [
        new(Direction.StasisToPodman,
            "only if no packet arrives meanwhile: Podman sets the address up before CRIU restores the sockets, which means resets"),
    ];

    public override string Background => "while :; do nc -l -p 7 -e cat; done";

    public override IReadOnlyList<string> MoveOptions => ["--tcp-established"];

    public override async Task BeginAsync(Side side, string container)
    {
        _line = await Line.ConnectAsync(fixture.Host, address.Ip, 7);
        Assert.Equal("before", await _line.AskAsync("before"));
    }

    public override Task AwayAsync(Side next) => SpeaksMeanwhile ? _line!.SayAsync("meanwhile") : Task.CompletedTask;

    public override async Task CheckAsync(Side side, string container)
    {
        if (SpeaksMeanwhile)
            Assert.Equal("meanwhile", await _line!.HearAsync());
        Assert.Equal("after", await _line!.AskAsync("after"));
    }

    public void Dispose() => _line?.Dispose();
}
