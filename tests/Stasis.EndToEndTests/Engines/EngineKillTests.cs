using Grpc.Core;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>
/// A part of a restore is killed, or the container is removed meanwhile: the engine is told, nothing is left, and the next start of the
/// same container succeeds.
/// </summary>
[Collection<EngineCollection>]
public sealed class EngineKillTests(EngineDaemons daemons) : IAsyncLifetime
{
    private readonly string _name = $"engine-{Guid.NewGuid():N}"[..16];

    private string Archive => Path.Combine(daemons.Folder, _name + ".tar");

    // Fault points wait as long as it is there.
    private string Gate => Path.Combine(daemons.Folder, _name + ".gate");

    /// <summary>Fault points of create, in their order.</summary>
    public static TheoryData<string> Points => LongForm.IsAsked
        ?
        [
            "bundle.opened", "bundle.stored", "bundle.begun", "bundle.filled", "jail.started", "jail.reached", "jail.released",
            "jail.ended", "bundle.launched", "bundle.restored",
        ]
        : ["bundle.filled", "jail.started", "jail.reached", "bundle.launched"];

    /// <summary>A part of a restore, and where it is killed.</summary>
    public static TheoryData<string, string> Parts => LongForm.IsAsked
        ?
        [
            ("runc", "jail.started"), ("runc", "jail.reached"), ("criu", "jail.reached"), ("shim", "bundle.stored"),
            ("shim", "jail.started"), ("shim", "jail.reached"), ("shim", "bundle.launched"), ("shim", "bundle.starting"),
        ]
        : [("runc", "jail.reached"), ("criu", "jail.reached"), ("shim", "jail.reached"), ("shim", "bundle.starting")];

    /// <summary>Where a container is removed.</summary>
    public static TheoryData<string> Removals => LongForm.IsAsked
        ? ["bundle.opened", "bundle.begun", "jail.started", "jail.reached", "bundle.launched", "bundle.starting"]
        : ["jail.reached", "bundle.starting"];

    public async ValueTask InitializeAsync() => await Counter.CheckpointAsync(
        daemons.Interop.Podman("runc"),
        _name,
        ["--compress", "none", "--export", Archive]);

    public async ValueTask DisposeAsync()
    {
        EndFault();
        await new DockerEngine(daemons, _name).RemoveAsync();
    }

    [Theory]
    [MemberData(nameof(Points))]
    public async Task A_killed_restore_leaves_nothing_under_Docker(string point)
    {
        var docker = new DockerEngine(daemons, _name) { Runtime = "faulty" };
        var id = await docker.CreateAsync(Archive);
        await File.WriteAllTextAsync(daemons.Fault, $"{point}=kill", TestContext.Current.CancellationToken);

        Assert.NotEqual(0, (await docker.TryStartAsync()).ExitCode);

        await GoesOnAsync(docker, id);
    }

    [Theory]
    [MemberData(nameof(Points))]
    public async Task A_killed_restore_leaves_nothing_under_the_CRI(string point)
    {
        using var cri = new CriEngine(daemons, _name) { Runtime = "faulty" };
        try
        {
            await File.WriteAllTextAsync(daemons.Fault, $"{point}=kill", TestContext.Current.CancellationToken);

            await Assert.ThrowsAsync<RpcException>(() => cri.RestoreAsync(Archive));

            await NothingIsLeftAsync(cri.Container);
            EndFault();
            await cri.RemoveContainerAsync();
            await cri.RestoreAsync(Archive);
            await Counter.CountsBeyondAsync(cri, 3);
        }
        finally
        {
            await cri.RemoveAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task A_killed_part_of_a_restore_leaves_nothing(string part, string point)
    {
        var docker = new DockerEngine(daemons, _name) { Runtime = "faulty" };
        var id = await docker.CreateAsync(Archive);
        var started = await StartAndWaitAtAsync(docker, point);

        await EngineProcesses.KillAsync(part, id);
        EndFault();

        Assert.NotEqual(0, (await Eventually.EndsAsync(started)).ExitCode);
        await GoesOnAsync(docker, id);
    }

    /// <summary>CRIU then goes on without permission: the container, which is frozen and verified, is none the worse.</summary>
    [Fact]
    public async Task A_killed_script_of_CRIU_does_no_harm()
    {
        var docker = new DockerEngine(daemons, _name) { Runtime = "faulty" };
        var id = await docker.CreateAsync(Archive);
        var started = await StartAndWaitAtAsync(docker, "jail.reached");

        await EngineProcesses.KillAsync("script", id);
        EndFault();

        Assert.Equal("", (await Eventually.EndsAsync(started)).Error);
        await RunsAsync(docker, id);
    }

    /// <summary>From the moment at which it is in the container's cgroups.</summary>
    [Fact]
    public async Task CRIU_that_is_killed_at_any_moment_leaves_nothing()
    {
        var docker = new DockerEngine(daemons, _name);
        var id = await docker.CreateAsync(Archive);
        var isRestored = false;
        for (var delay = 0; !isRestored && delay < (LongForm.IsAsked ? 200 : 30); delay += 10)
        {
            var started = docker.TryStartAsync();
            await EngineProcesses.KillCriuAsync(id, TimeSpan.FromMilliseconds(delay), started);
            isRestored = (await Eventually.EndsAsync(started)).ExitCode == 0; // it was faster
            if (!isRestored)
                await NothingIsLeftAsync(id);
        }

        if (!isRestored)
            Assert.Equal("", (await docker.TryStartAsync()).Error);
        await RunsAsync(docker, id);
    }

    [Fact]
    public async Task A_container_whose_shim_is_killed_leaves_nothing()
    {
        var docker = new DockerEngine(daemons, _name);
        var id = await docker.RestoreAsync(Archive);
        await Counter.CountsBeyondAsync(docker, 3);

        await EngineProcesses.KillAsync("shim", id);

        await NothingIsLeftAsync(id);
    }

    [Theory]
    [MemberData(nameof(Removals))]
    public async Task A_container_is_removed_from_Docker_while_it_is_restored(string point)
    {
        var docker = new DockerEngine(daemons, _name) { Runtime = "faulty" };
        var id = await docker.CreateAsync(Archive);
        var started = await StartAndWaitAtAsync(docker, point);

        var removed = daemons.TryDockerAsync("rm", "-f", _name);
        EndFault();

        Assert.Equal(0, (await Eventually.EndsAsync(removed)).ExitCode);
        await Eventually.EndsAsync(started);
        await NothingIsLeftAsync(id);
        await docker.RestoreAsync(Archive);
        await Counter.CountsBeyondAsync(docker, 3);
    }

    [Theory]
    [MemberData(nameof(Removals))]
    public async Task A_pod_is_removed_while_its_container_is_restored(string point)
    {
        using var cri = new CriEngine(daemons, _name) { Runtime = "faulty" };
        try
        {
            var started = await WaitAtAsync(point, async () => await cri.RestoreAsync(Archive));
            var id = cri.Container;

            var removed = cri.RemovePodAsync();
            EndFault();

            await Eventually.EndsAsync(removed);
            await Eventually.EndsAsync(Record.ExceptionAsync(() => started).AsTask());
            await NothingIsLeftAsync(id);
            await cri.RestoreAsync(Archive);
            await Counter.CountsBeyondAsync(cri, 3);
        }
        finally
        {
            await cri.RemoveAsync();
        }
    }

    [Fact]
    public async Task A_held_container_gets_its_signals_when_it_is_started()
    {
        var podman = new PodmanEngine(daemons, _name);
        try
        {
            var id = await podman.HoldAsync(Archive);
            await EngineDaemons.ShellAsync($"{daemons.Runtime} kill {id} TERM");
            Assert.Equal("created", await ReadStatusAsync(id));

            await podman.LetGoAsync();

            Assert.Equal("7", await daemons.Interop.Podman(daemons.Runtime).OkAsync("wait", _name));
        }
        finally
        {
            await podman.RemoveAsync();
        }
    }

    [Fact]
    public async Task A_held_container_that_is_killed_never_runs()
    {
        var podman = new PodmanEngine(daemons, _name);
        try
        {
            var id = await podman.HoldAsync(Archive);

            await EngineDaemons.ShellAsync($"{daemons.Runtime} kill {id} KILL");

            await Eventually.GetAsync(() => ReadStatusAsync(id), status => status == "stopped");
            Assert.Equal("", await podman.LogsAsync());
            await podman.RemoveAsync();
            await NothingIsLeftAsync(id);
        }
        finally
        {
            await podman.RemoveAsync();
        }
    }

    [Fact]
    public async Task A_held_container_is_removed()
    {
        var podman = new PodmanEngine(daemons, _name);
        try
        {
            var id = await podman.HoldAsync(Archive);

            await podman.RemoveAsync();

            await NothingIsLeftAsync(id);
        }
        finally
        {
            await podman.RemoveAsync();
        }
    }

    private Task<string> ReadStatusAsync(string id) =>
        EngineDaemons.ShellAsync($"{daemons.Runtime} state {id} | sed -n 's/.*\"status\": *\"\\([a-z]*\\)\".*/\\1/p'");

    private Task<Task<ProgramResult>> StartAndWaitAtAsync(DockerEngine docker, string point) => WaitAtAsync(point, docker.TryStartAsync);

    // Does what restores, until it waits at a fault point.
    private async Task<T> WaitAtAsync<T>(string point, Func<T> restore) where T : Task
    {
        await File.WriteAllTextAsync(Gate, "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(daemons.Fault, $"{point}=wait:{Gate}", TestContext.Current.CancellationToken);
        var restored = restore();
        await Eventually.TrueAsync(() => File.Exists(Gate + ".hit") || restored.IsCompleted, point);
        Assert.False(restored.IsCompleted, $"it did not come to {point}");
        return restored;
    }

    private void EndFault()
    {
        File.Delete(daemons.Fault);
        File.Delete(Gate);
    }

    private async Task GoesOnAsync(DockerEngine docker, string id)
    {
        await NothingIsLeftAsync(id);
        EndFault();
        Assert.Equal("", (await docker.TryStartAsync()).Error);
        await RunsAsync(docker, id);
    }

    private static async Task RunsAsync(DockerEngine docker, string id)
    {
        await Counter.CountsBeyondAsync(docker, 3);
        Assert.Equal(7, await docker.StopAsync());
        await docker.RemoveAsync();
        await NothingIsLeftAsync(id);
    }

    private static async Task NothingIsLeftAsync(string id)
    {
        await Eventually.GetAsync(() => EngineDaemons.FindLeftoversAsync(id), left => left.Length == 0);
        await Eventually.GetAsync(
            () => Task.FromResult(string.Join('\n', EngineProcesses.FindLeft(id).Select(process => process.CommandLine))),
            left => left.Length == 0);
    }
}
