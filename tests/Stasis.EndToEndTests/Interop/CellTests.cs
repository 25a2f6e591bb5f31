using Xunit;

namespace Stasis.EndToEndTests.Interop;

/// <summary>
/// The cells of workloads that share a container: started by one engine, frozen into an archive, removed, and restored by the other under
/// its name.
/// </summary>
public abstract class CellTests(InteropFixture fixture)
{
    /// <summary>The image, by the name that <see cref="InteropFixture.RequireImageAsync"/> takes.</summary>
    protected virtual string Image => "base";

    protected InteropFixture Fixture => fixture;

    public static TheoryData<Cell> Cells => [.. Cell.All];

    /// <summary>New ones.</summary>
    public abstract IReadOnlyList<Workload> Make(Cell cell);

    /// <summary>The container's command.</summary>
    protected virtual string[] Command(IReadOnlyList<Workload> workloads) =>
        [
            "sh", "-c",
            string.Concat(workloads.Select(workload => workload.Background).OfType<string>().Select(command => command + " & "))
                + "exec counter"
        ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Comes_through(Cell cell)
    {
        await fixture.RequireImageAsync(Image);
        var name = $"interop-{Guid.NewGuid():N}"[..20];
        var archive = Path.Combine(fixture.Exchange, name + ".tar");
        var workloads = Make(cell);
        var from = cell.Direction == Direction.PodmanToStasis ? fixture.Podman(cell.Runtime) : fixture.Stasis(cell.Runtime);
        var to = cell.Direction == Direction.StasisToPodman ? fixture.Podman(cell.Runtime) : fixture.Stasis(cell.Runtime);
        var there = new List<Side> { from };
        try
        {
            await from.OkAsync(
            [
                "run", "-d", "--name", name, .. Network(workloads), .. workloads.SelectMany(workload => workload.RunOptions),
                InteropFixture.ImageName(Image), .. Command(workloads)
            ]);
            foreach (var workload in workloads)
                await workload.BeginAsync(from, name);
            string[] move = [.. workloads.SelectMany(workload => workload.MoveOptions)];
            await from.OkAsync(["container", "checkpoint", "--export", archive, "--compress", cell.Compression, .. move, name]);
            foreach (var workload in workloads)
                await workload.FrozenAsync(from, name);
            await RemoveAsync(from, name, workloads);
            there = [to];
            foreach (var workload in workloads)
                await workload.AwayAsync(to);
            string[] restore = ["container", "restore", "--import", archive, .. move];
            string[] flags =
            [
                .. from.IsPodman ? workloads.SelectMany(workload => workload.Allowed).SelectMany(rule => (string[])["--allow", rule]) : []
            ];
            // A stranger's archive needs what its container's options stand for, no more and no less.
            if (flags.Length > 0)
                Assert.EndsWith($": {string.Join(' ', flags)}", (await to.RunAsync(restore)).Error.TrimEnd(), StringComparison.Ordinal);
            await to.OkAsync([.. restore, .. flags]);
            foreach (var workload in workloads)
                await workload.CheckAsync(to, name);
        }
        finally
        {
            foreach (var side in there)
                await RemoveAsync(side, name, workloads);
            File.Delete(archive);
        }
    }

    private static string[] Network(IReadOnlyList<Workload> workloads) =>
        workloads.Any(workload => workload.RunOptions.Any(option => option is "--ip" or "-p" or "--network")) ? [] : ["--network", "none"];

    private static async Task RemoveAsync(Side side, string name, IReadOnlyList<Workload> workloads)
    {
        await side.OkAsync("rm", "-f", "-t", "0", "--ignore", name);
        if (workloads.SelectMany(workload => workload.Volumes).ToArray() is [_, ..] volumes)
            await side.OkAsync(["volume", "rm", "-f", .. volumes]);
    }
}
