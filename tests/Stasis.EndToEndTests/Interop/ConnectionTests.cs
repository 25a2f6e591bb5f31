using Stasis.EndToEndTests.Interop.Workloads;

namespace Stasis.EndToEndTests.Interop;

/// <summary>A connection to a container that moves.</summary>
public sealed class ConnectionTests(InteropFixture fixture) : CellTests(fixture)
{
    public override IReadOnlyList<Workload> Make(Cell cell) => new AddressWorkload(Fixture.NextNumber()) is var address ? [address, new ConnectionWorkload(Fixture, address, cell)] : [];
}
