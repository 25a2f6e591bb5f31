using Stasis.EndToEndTests.Interop.Workloads;

namespace Stasis.EndToEndTests.Interop;

/// <summary>A Redis server.</summary>
public sealed class RedisTests(InteropFixture fixture) : CellTests(fixture)
{
    protected override string Image => "redis";

    public override IReadOnlyList<Workload> Make(Cell cell) => [new RedisWorkload()];

    protected override string[] Command(IReadOnlyList<Workload> workloads) =>
        ["redis-server", "--save", "", "--dir", "/tmp", "--enable-debug-command", "yes"];
}
