using Stasis.EndToEndTests.Interop.Workloads;
using Xunit;

namespace Stasis.EndToEndTests.Interop;

/// <summary>Frozen and brought back, frozen and brought back, …, with network, volume and /dev/shm.</summary>
public sealed class TwentyTimesTests(InteropFixture fixture)
{
    private const string Places = "/root/rounds /data/a/rounds /dev/shm/rounds";

    [Fact]
    public async Task Nothing_wears_off()
    {
        await fixture.RequireImageAsync("base");
        var stasis = fixture.Stasis("runc");
        var name = $"twenty-{Guid.NewGuid():N}"[..20];
        var archive = Path.Combine(fixture.Exchange, name + ".tar");
        var cell = new Cell(Direction.StasisToStasis, "zstd", "runc");
        var number = fixture.NextNumber();
        Workload[] workloads =
        [
            new CounterWorkload(), new AddressWorkload(number), new PortWorkload(fixture, number), new VolumesWorkload(cell)
        ];
        string[] volumes = [.. workloads.SelectMany(workload => workload.Volumes)];
        try
        {
            await stasis.OkAsync(
            [
                "run", "-d", "--name", name, .. workloads.SelectMany(workload => workload.RunOptions), InteropFixture.ImageName("base"),
                "sh", "-c", $"{workloads[2].Background} & exec counter"
            ]);
            foreach (var workload in workloads)
                await workload.BeginAsync(stasis, name);
            // Seven times have each compression twice, and in place twice.
            for (var round = 1; round <= (LongForm.IsAsked ? 20 : 7); round++)
            {
                await stasis.ShellAsync(name, $"for place in {Places}; do echo {round} >>$place; done");
                // Every third time in place.
                if (round % 3 == 0)
                {
                    await stasis.OkAsync("container", "checkpoint", name);
                    await workloads[0].FrozenAsync(stasis, name);
                    await stasis.OkAsync("container", "restore", name);
                }
                else
                {
                    await stasis.OkAsync("container", "checkpoint", "-e", archive, "-c", Cell.Compressions[round % 3], name);
                    await workloads[0].FrozenAsync(stasis, name);
                    await stasis.OkAsync("rm", name);
                    await stasis.OkAsync(["volume", "rm", .. volumes]);
                    await stasis.OkAsync("container", "restore", "-i", archive);
                }
                foreach (var workload in workloads.Where(workload => workload is not VolumesWorkload))
                    await workload.CheckAsync(stasis, name);
                var rounds = string.Join('\n', Enumerable.Range(1, round));
                Assert.Equal($"{rounds}\n{rounds}\n{rounds}", await stasis.ShellAsync(name, $"cat {Places}"));
                // Until it is quiet again, as a checkpoint wants it.
                await workloads[2].BeginAsync(stasis, name);
            }
        }
        finally
        {
            await stasis.OkAsync("rm", "-f", "-t", "0", "--ignore", name);
            await stasis.OkAsync(["volume", "rm", "-f", .. volumes]);
            File.Delete(archive);
        }
    }
}
