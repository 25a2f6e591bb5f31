using Stasis.EndToEndTests.Interop;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>Stasis checkpoints containers that other engines run, and that these know nothing of.</summary>
[Collection<EngineCollection>]
public sealed class ExternalCheckpointTests(EngineDaemons daemons)
{
    private readonly string _name = $"side-{Guid.NewGuid():N}"[..14];

    private string Archive => Path.Combine(daemons.Folder, _name + ".tar");

    private string Copy => _name + "-copy";

    private Side Stasis => daemons.Interop.StasisInPeer("runc");

    [Theory]
    [InlineData("docker")]
    [InlineData("ctr")]
    [InlineData("cri")]
    [InlineData("podman")]
    [InlineData("docker, crun")]
    [InlineData("podman, crun")]
    public async Task Container_is_checkpointed_while_its_engine_runs_it(string kind)
    {
        var engine = Create(kind);
        using var disposed = engine as IDisposable;
        try
        {
            await Counter.CheckpointFromSideAsync(engine, Stasis, Engine(kind), "-e", Archive, Called(kind));

            var counted = Counter.Read(await engine.LogsAsync());
            await Counter.CountsBeyondAsync(engine, counted[^1]);
            counted = Counter.Read(await engine.LogsAsync());
            Assert.Equal(Enumerable.Range(1, counted.Count), counted);
            await engine.PauseAsync();
            Assert.Equal(7, await engine.StopAsync());
            await RestoreAsync(hasLog: kind != "ctr", runtime: kind.EndsWith("crun", StringComparison.Ordinal) ? "crun" : "runc");
        }
        finally
        {
            await Stasis.RunAsync("rm", "-f", "-t", "0", Copy);
            await engine.RemoveAsync();
        }
        // Other tests of this root have folders there, but no root in them.
        Assert.Equal("", await EngineDaemons.ShellAsync($"ls -d {daemons.Interop.Exchange}/root/staging/*/root 2>/dev/null || true"));
    }

    /// <summary>A bundle doesn't tell of the mounts that only the checkpointed container had.</summary>
    [Fact]
    public async Task Container_of_Podman_that_Docker_has_restored_is_checkpointed_again()
    {
        await Counter.CheckpointAsync(daemons.Interop.Podman("runc"), _name, ["--compress", "none", "--export", Archive], "-v", "/tmp:/gone");
        var (docker, again) = (new DockerEngine(daemons, _name), new DockerEngine(daemons, _name + "-again"));
        try
        {
            await docker.RestoreAsync(Archive);
            await Counter.CountsBeyondAsync(docker, 3);
            await Stasis.OkAsync("container", "checkpoint", "--engine", "docker", "-e", Archive + "-again", _name);
            await docker.RemoveAsync();

            await again.RestoreAsync(Archive + "-again");

            await Counter.CountsBeyondAsync(again, 3);
        }
        finally
        {
            await docker.RemoveAsync();
            await again.RemoveAsync();
        }
    }

    [Fact]
    public async Task A_volume_of_Docker_goes_on_in_another()
    {
        var docker = new DockerEngine(daemons, _name) { RunOptions = ["-v", _name + ":/data"] };
        var again = new DockerEngine(daemons, _name + "-again") { RestoreOptions = ["-v", _name + "-again:/data"] };
        try
        {
            await Counter.CheckpointFromSideAsync(docker, Stasis, "docker", "-e", Archive, _name);
            await docker.RemoveAsync();

            await again.RestoreAsync(Archive);

            await Counter.CountsBeyondAsync(again, 3);
            Assert.Equal("here", await again.ShellAsync("cat /data/datum"));
        }
        finally
        {
            await docker.RemoveAsync();
            await again.RemoveAsync();
            await daemons.DockerAsync("volume", "rm", _name, _name + "-again");
        }
    }

    [Fact]
    public async Task A_paused_container_is_refused_and_stays_paused()
    {
        var docker = new DockerEngine(daemons, _name);
        try
        {
            await docker.StartAsync("sh", "-c", Counter.Program);
            await daemons.DockerAsync("pause", _name);

            var refused = await Stasis.RunAsync("container", "checkpoint", "--engine", "docker", "-e", Archive, _name);

            Assert.Contains($"container {_name} is paused", refused.Error, StringComparison.Ordinal);
            await daemons.DockerAsync("unpause", _name);
        }
        finally
        {
            await docker.RemoveAsync();
        }
    }

    [Fact]
    public async Task Several_checkpoints_of_one_container_wait_for_each_other()
    {
        var docker = new DockerEngine(daemons, _name);
        try
        {
            await docker.StartAsync("sh", "-c", Counter.Program);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(number =>
                Stasis.OkAsync("container", "checkpoint", "--engine", "docker", "-e", $"{Archive}-{number}", _name)));
        }
        finally
        {
            await docker.RemoveAsync();
        }
    }

    /// <summary>Checkpoint, restore, checkpoint, restore.</summary>
    [Theory]
    [InlineData("docker")]
    [InlineData("cri")]
    public async Task Restored_container_is_checkpointed_again(string kind)
    {
        var (original, restored) = (Create(kind), Create(kind, "-again"));
        using var first = original as IDisposable;
        using var second = restored as IDisposable;
        try
        {
            await Counter.CheckpointFromSideAsync(original, Stasis, Engine(kind), "-e", Archive, Called(kind));
            await original.RemoveAsync();
            await restored.RestoreAsync(Archive);
            var counted = Counter.Read(await restored.LogsAsync());
            await Counter.CountsBeyondAsync(restored, counted is [.., var last] ? last : 3);
            await Stasis.OkAsync("container", "checkpoint", "--engine", Engine(kind), "-e", Archive + "-again", Called(kind, "-again"));
            await restored.RemoveAsync();
            var again = Create(kind, "-third");
            using var third = again as IDisposable;
            try
            {
                await again.RestoreAsync(Archive + "-again");
                await Counter.CountsBeyondAsync(again, counted is [.., var then] ? then : 3);
            }
            finally
            {
                await again.RemoveAsync();
            }
        }
        finally
        {
            await original.RemoveAsync();
            await restored.RemoveAsync();
        }
    }

    [Fact]
    public async Task Files_volumes_and_shared_memory_are_in_the_checkpoint()
    {
        const string Make = "echo file >/file; rm /bin/wget; echo data >/data/file; echo shared >/dev/shm/file; ";
        var docker = new DockerEngine(daemons, _name) { RunOptions = ["-v", $"{_name}:/data"] };
        try
        {
            await docker.StartAsync("sh", "-c", Make + Counter.Program);
            await Counter.CountsBeyondAsync(docker, 3);
            await Stasis.OkAsync("container", "checkpoint", "--engine", "docker", "-e", Archive, _name);
            await RestoreAsync(hasLog: true);
            Assert.Equal(
                "file\ndata\nshared",
                await Stasis.ShellAsync(Copy, "cat /file /data/file /dev/shm/file; ls /bin/wget 2>/dev/null; true"));
        }
        finally
        {
            await Stasis.RunAsync("rm", "-f", "-v", "-t", "0", Copy);
            await Stasis.RunAsync("volume", "rm", _name);
            await docker.RemoveAsync();
            await daemons.DockerAsync("volume", "rm", _name);
        }
    }

    [Theory]
    [InlineData("checkpoint.frozen")]
    [InlineData("checkpoint.dumped")]
    [InlineData("checkpoint.taken")]
    public async Task Container_goes_on_if_stasis_is_killed(string point)
    {
        var docker = new DockerEngine(daemons, _name);
        try
        {
            await docker.StartAsync("sh", "-c", Counter.Program);
            await Counter.CountsBeyondAsync(docker, 3);
            var killed = await EngineDaemons.RunAsync(
            [
                "env", $"STASIS_FAULT={point}=kill", Path.Combine(daemons.Interop.Exchange, "stasis"),
                "--root", Path.Combine(daemons.Interop.Exchange, "root"), "--runroot", "/run/stasis",
                "container", "checkpoint", "--engine", "docker", "-e", Archive, _name,
            ]);
            Assert.NotEqual(0, killed.ExitCode);
            await Stasis.OkAsync("ps"); // recovers at once, whoever comes first

            var counted = Counter.Read(await docker.LogsAsync());
            await Counter.CountsBeyondAsync(docker, counted[^1] + 3);
            Assert.False(File.Exists(Archive));
            Assert.Equal(7, await docker.StopAsync());
        }
        finally
        {
            await docker.RemoveAsync();
        }
    }

    /// <summary>Who runs conmon says which program Stasis runs as root.</summary>
    [Fact]
    public async Task Process_of_a_container_that_calls_itself_conmon_is_not_believed()
    {
        var bundle = Directory.CreateDirectory(Path.Combine(daemons.Folder, _name)).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(bundle, "config.json"), """{"ociVersion": "1.0.2"}""", TestContext.Current.CancellationToken);
        var docker = new DockerEngine(daemons, _name);
        try
        {
            await docker.StartAsync("sh", "-c", $"""
                cp "$(command -v counter)" /conmon
                exec /conmon -c {_name} -n {_name} -b {bundle} -r {bundle}/program --exit-command podman
                """);
            await Counter.CountsBeyondAsync(docker, 4);
            var result = await Stasis.RunAsync("container", "checkpoint", "--engine", "podman", "-e", Archive, _name);
            Assert.Contains($"no running container of Podman is called {_name}", result.Error, StringComparison.Ordinal);
        }
        finally
        {
            await docker.RemoveAsync();
        }
    }

    [Fact]
    public async Task What_is_not_there_is_named()
    {
        var result = await Stasis.RunAsync("container", "checkpoint", "--engine", "docker", "-e", Archive, "nobody");
        Assert.Equal(125, result.ExitCode);
        Assert.Contains("no running container of Docker is called nobody", result.Error, StringComparison.Ordinal);
    }

    private async Task RestoreAsync(bool hasLog, string runtime = "runc")
    {
        await daemons.Interop.StasisInPeer(runtime).OkAsync("container", "restore", "-i", Archive, "-n", Copy);
        await Eventually.GetAsync(() => Stasis.OkAsync("logs", Copy), log => Counter.Read(log) is [.., > 5]);
        var counted = Counter.Read(await Stasis.OkAsync("logs", Copy));
        Assert.Equal(Enumerable.Range(hasLog ? 1 : counted[0], counted.Count), counted);
        Assert.True(hasLog || counted[0] > 3);
    }

    private RestoringEngine Create(string kind, string suffix = "") => kind switch
    {
        "docker" => new DockerEngine(daemons, _name + suffix),
        "docker, crun" => new DockerEngine(daemons, _name + suffix) { RunOptions = ["--runtime", "stasis-crun"] },
        "podman, crun" => new PodmanEngine(daemons, _name + suffix, "crun"),
        "podman" => new PodmanEngine(daemons, _name + suffix),
        "cri" => new CriEngine(daemons, _name + suffix),
        _ => new CtrEngine(daemons, _name + suffix, hasNetwork: false),
    };

    private static string Engine(string kind) => kind is "ctr" or "cri" ? "containerd" : kind.Split(',')[0];

    // Of Kubernetes: NAMESPACE/POD/CONTAINER.
    private string Called(string kind, string suffix = "") => kind == "cri" ? $"test/{_name}{suffix}/{_name}{suffix}" : _name + suffix;
}
