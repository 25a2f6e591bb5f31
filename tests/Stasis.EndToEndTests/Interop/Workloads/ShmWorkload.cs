namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>What lies in /dev/shm, entry by entry.</summary>
public sealed class ShmWorkload(Cell cell) : Workload
{
    private const string Fill = """
        cd /dev/shm; mkdir -m 1770 folder; head -c 100000 /dev/urandom >folder/random; chown 12:34 folder folder/random; chmod 4600 folder/random
        ln folder/random linked; ln -s folder/random symbolic; mkfifo fifo; : >empty; touch -d '2001-02-03 04:05:06' empty folder
        """;

    private string _before = "";

    public override string Title => "/dev/shm";

    public override IReadOnlyList<Limit> Limits { get; } =
    [
        Trees.WholeSeconds,
        new(Direction.StasisToPodman, "Podman doesn't restore the time of the directory itself", "."),
    ];

    public override async Task BeginAsync(Side side, string container)
    {
        _before = await side.ShellAsync(container, Fill + "; files list /dev/shm");
    }

    public override async Task CheckAsync(Side side, string container) =>
        Trees.AssertSame(_before, await side.ListAsync(container, "/dev/shm"), Limits, cell.Direction);
}
