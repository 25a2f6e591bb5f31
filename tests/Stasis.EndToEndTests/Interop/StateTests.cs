using Stasis.EndToEndTests.Interop.Workloads;

namespace Stasis.EndToEndTests.Interop;

/// <summary>One container's counter, /dev/shm, volumes, locks, loopback, and the torture tree in its file system.</summary>
public sealed class StateTests(InteropFixture fixture) : CellTests(fixture)
{
    public override IReadOnlyList<Workload> Make(Cell cell) =>
        [
            new CounterWorkload(), new ShmWorkload(cell), new VolumesWorkload(cell), new LocksWorkload(), new LoopbackWorkload(cell),
            new FilesWorkload(cell)
        ];
}
