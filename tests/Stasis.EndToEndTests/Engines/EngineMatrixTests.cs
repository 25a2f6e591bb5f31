using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>
/// A checkpoint of any engine is restored under any engine, which is unmodified and runs stasis-runtime: the container goes on, the engine
/// has its log, exec, pause, exit code and network, and nothing is left of it.
/// </summary>
[Collection<EngineCollection>]
public sealed class EngineMatrixTests(EngineDaemons daemons)
{
    private readonly string _name = $"engine-{Guid.NewGuid():N}"[..16];

    // The short form has each engine once on both sides.
    public static TheoryData<string, string> Cells =>
    [
        .. from maker in (string[])["podman", "stasis", "cri", "docker"]
           from engine in (string[])["podman", "docker", "ctr", "ctr --cni", "cri"]
           where LongForm.IsAsked || (maker, engine) is ("stasis", "podman") or ("podman", "docker") or ("podman", "cri")
               or ("cri", "ctr --cni") or ("docker", "cri")
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

            await Counter.CountsBeyondAsync(restored, 3);
            var counted = Counter.Read(await restored.LogsAsync());
            Assert.True(counted[0] > 3, $"began with {counted[0]}");
            Assert.Equal(Enumerable.Range(counted[0], counted.Count), counted);
            if (restored.ExpectedHostname is { } hostname)
                Assert.Equal(hostname, await restored.ShellAsync("hostname"));
            Assert.Equal(restored.HasAddress, (await restored.ShellAsync("ip -o -4 addr")).Contains("eth0", StringComparison.Ordinal));
            await restored.PauseAsync();
            await Counter.CountsBeyondAsync(restored, counted[^1]);
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
        if (maker == "docker")
        {
            await MakeFromDockerAsync(archive);
            return;
        }
        if (maker != "cri")
        {
            var side = maker == "podman" ? daemons.Interop.Podman("runc") : daemons.Interop.StasisInPeer("runc");
            await Counter.CheckpointAsync(side, _name, ["--export", archive]);
            return;
        }
        using var cri = new CriEngine(daemons, _name + "-from");
        try
        {
            await cri.RunAsync("sh", "-c", Counter.Program);
            await Counter.CountsBeyondAsync(cri, 3);
            await cri.CheckpointAsync(archive);
        }
        finally
        {
            await cri.RemoveAsync();
        }
    }

    private async Task MakeFromDockerAsync(string archive)
    {
        var docker = new DockerEngine(daemons, _name + "-from");
        try
        {
            await Counter.CheckpointFromSideAsync(
                docker, daemons.Interop.StasisInPeer("runc"), "docker", "-e", archive, _name + "-from");
        }
        finally
        {
            await docker.RemoveAsync();
        }
    }
}
