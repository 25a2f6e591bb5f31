using Stasis.EndToEndTests.Interop.Workloads;

namespace Stasis.EndToEndTests.Interop;

/// <summary>One container's addresses, its published port, and a connection that moves with it.</summary>
public sealed class NetworkTests(InteropFixture fixture) : CellTests(fixture)
{
    public override IReadOnlyList<Workload> Make(Cell cell) =>
        Fixture.NextNumber() is var number && new AddressWorkload(number) is var address
        ? [address, new PortWorkload(Fixture, number), new ConnectionWorkload(Fixture, address, cell)] : [];
}
