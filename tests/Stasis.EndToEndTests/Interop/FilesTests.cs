using Stasis.EndToEndTests.Interop.Workloads;

namespace Stasis.EndToEndTests.Interop;

/// <summary>The torture tree.</summary>
public sealed class FilesTests(InteropFixture fixture) : CellTests(fixture)
{
    public override IReadOnlyList<Workload> Make(Cell cell) => [new FilesWorkload(cell)];
}
