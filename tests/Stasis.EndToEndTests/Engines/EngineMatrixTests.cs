using System.Globalization;
using Stasis.EndToEndTests.Harness;
using Stasis.EndToEndTests.Interop;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>
/// A checkpoint of any engine is restored under any engine, which is unmodified and runs stasis-runtime: the container goes on, the engine
/// has its log, exec, pause, exit code and network, and nothing is left of it.
/// </summary>
public sealed class EngineMatrixTests(EngineDaemons daemons) : IClassFixture<EngineDaemons>
{
    private const string Count = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done & trap 'exit 7' TERM; while :; do sleep 0.1; done";

    private readonly string _name = $"engine-{Guid.NewGuid():N}"[..16];

    public static TheoryData<string, string> Cells =>
    [
        .. from maker in (string[])["podman", "stasis", "cri"]
           from engine in (string[])["podman", "docker", "ctr", "ctr --cni", "cri"]
           select (maker, engine),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_checkpoint_is_restored(string maker, string engine)
    {
        var archive = Path.Combine(daemons.Folder, _name + ".tar");
        await MakeAsync(maker, archive);
        var restored = Create(engine);
        using var disposed = restored as IDisposable;
        string id;
        try
        {
            id = await restored.RestoreAsync(archive);

            await CountsBeyondAsync(restored, 3);
            var counted = Numbers(await restored.LogsAsync());
            Assert.True(counted[0] > 3, $"began with {counted[0]}");
            Assert.Equal(Enumerable.Range(counted[0], counted.Count), counted);
            if (restored.ExpectedHostname is { } hostname)
                Assert.Equal(hostname, await restored.ShellAsync("hostname"));
            Assert.Equal(restored.HasAddress, (await restored.ShellAsync("ip -o -4 addr")).Contains("eth0", StringComparison.Ordinal));
            await restored.PauseAsync();
            await CountsBeyondAsync(restored, counted[^1]);
            Assert.Equal(7, await restored.StopAsync());
        }
        finally
        {
            await restored.RemoveAsync();
        }
        Assert.Equal("", await EngineDaemons.FindLeftoversAsync(id));
    }

    private RestoringEngine Create(string engine) => engine switch
    {
        "podman" => new PodmanEngine(daemons, _name),
        "docker" => new DockerEngine(daemons, _name),
        "cri" => new CriEngine(daemons, _name),
        _ => new CtrEngine(daemons, _name, hasNetwork: engine == "ctr --cni"),
    };

    private async Task MakeAsync(string maker, string archive)
    {
        if (maker == "cri")
        {
            using var cri = new CriEngine(daemons, _name + "-from");
            try
            {
                await cri.RunAsync("sh", "-c", Count);
                await CountsBeyondAsync(cri, 3);
                await cri.CheckpointAsync(archive);
            }
            finally
            {
                await cri.RemoveAsync();
            }
            return;
        }
        var side = maker == "podman" ? daemons.Interop.Podman("runc") : daemons.Interop.StasisInPeer("runc");
        try
        {
            await side.OkAsync("run", "-d", "--name", _name, "--hostname", "before", EngineDaemons.Image, "sh", "-c", Count);
            await Eventually.GetAsync(() => side.OkAsync("logs", _name), log => Numbers(log) is [.., > 3]);
            await side.OkAsync("container", "checkpoint", "--export", archive, _name);
        }
        finally
        {
            await side.OkAsync("rm", "-f", "-t", "0", _name);
        }
    }

    private static Task CountsBeyondAsync(RestoringEngine engine, int number) =>
        Eventually.GetAsync(engine.LogsAsync, log => Numbers(log) is [.., var last] && last > number);

    private static List<int> Numbers(string log) =>
    [
        .. log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0),
    ];
}
