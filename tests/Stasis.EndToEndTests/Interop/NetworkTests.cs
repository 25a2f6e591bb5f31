using Stasis.EndToEndTests.Interop.Workloads;

namespace Stasis.EndToEndTests.Interop;

/// <summary>One container's addresses and published port.</summary>
public sealed class NetworkTests(InteropFixture fixture) : CellTests(fixture)
{
    public override IReadOnlyList<Workload> Make(Cell cell) => Fixture.NextNumber() is var number ? [new AddressWorkload(number), new PortWorkload(Fixture, number)] : [];
}
