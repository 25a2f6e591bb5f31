using Stasis.EndToEndTests.Interop.Workloads;

namespace Stasis.EndToEndTests.Interop;

/// <summary>A PostgreSQL server.</summary>
public sealed class PostgresTests(InteropFixture fixture) : CellTests(fixture)
{
    protected override string Image => "postgres";

    public override IReadOnlyList<Workload> Make(Cell cell) => [new PostgresWorkload()];

    protected override string[] Command(IReadOnlyList<Workload> workloads) => ["sh", "-c", PostgresWorkload.Script];
}
