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
        .. EngineMatrix.Cells.Where(cell => LongForm.IsAsked || cell is ("stasis", "podman") or ("podman", "docker") or ("podman", "cri")
            or ("cri", "ctr --cni") or ("docker", "cri") or ("podman, crun", "docker")),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_checkpoint_is_restored(string maker, string engine)
    {
        var archive = Path.Combine(daemons.Folder, _name + ".tar");
        await MakeAsync(maker, archive);
        var restored = Create(engine, EngineMatrix.HasCrun(maker));
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

    [Fact]
    public async Task A_checkpoint_of_another_runtime_is_refused()
    {
        var archive = Path.Combine(daemons.Folder, _name + ".tar");
        await MakeAsync("podman, crun", archive);
        var docker = new DockerEngine(daemons, _name);
        try
        {
            var refused = await docker.TryRestoreAsync(archive);

            Assert.Contains("was made with crun, and runc can't restore it", refused.Error, StringComparison.Ordinal);
        }
        finally
        {
            await docker.RemoveAsync();
        }
    }

    private RestoringEngine Create(string engine, bool hasCrun)
    {
        var (runtime, name) = hasCrun ? (daemons.RuntimeWithCrun, "stasis-crun") : (daemons.Runtime, "stasis");
        return engine switch
        {
            "podman" => new PodmanEngine(daemons, _name, runtime),
            "docker" => new DockerEngine(daemons, _name) { Runtime = name },
            "cri" => new CriEngine(daemons, _name) { Runtime = name },
            _ => new CtrEngine(daemons, _name, hasNetwork: engine == "ctr --cni") { Runtime = runtime },
        };
    }

    private async Task MakeAsync(string maker, string archive)
    {
        if (maker == "docker")
        {
            await MakeFromDockerAsync(archive);
            return;
        }
        if (maker != "cri")
        {
            var side = maker switch
            {
                "podman" => daemons.Interop.Podman("runc"),
                "podman, crun" => daemons.Interop.Podman("crun"),
                _ => daemons.Interop.StasisInPeer("runc"),
            };
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
