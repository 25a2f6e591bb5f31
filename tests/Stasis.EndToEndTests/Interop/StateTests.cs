using Stasis.EndToEndTests.Interop.Workloads;

namespace Stasis.EndToEndTests.Interop;

/// <summary>One container's counter, /dev/shm, volumes, locks and loopback.</summary>
public sealed class StateTests(InteropFixture fixture) : CellTests(fixture)
{
    public override IReadOnlyList<Workload> Make(Cell cell) => [new CounterWorkload(), new ShmWorkload(cell), new VolumesWorkload(cell), new LocksWorkload(), new LoopbackWorkload(cell)];
}
