using Xunit;

namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>The loopback of a container without networks.</summary>
public sealed class LoopbackWorkload(Cell cell) : Workload
{
    public override string Title => "loopback, without networks";

    public override IReadOnlyList<Limit> Limits { get; } =
    [
        new(Direction.StasisToPodman,
            "the loopback is down: Podman brings it up with the first network, and there is none") { IsAll = true },
    ];

    public override async Task BeginAsync(Side side, string container) => Assert.True(await IsUpAsync(side, container));

    public override async Task CheckAsync(Side side, string container) =>
        Assert.Equal(cell.Direction != Direction.StasisToPodman, await IsUpAsync(side, container));

    private static async Task<bool> IsUpAsync(Side side, string container) =>
        (await side.OkAsync("exec", container, "ip", "-o", "link", "show", "lo")).Contains("LOOPBACK,UP", StringComparison.Ordinal);
}
