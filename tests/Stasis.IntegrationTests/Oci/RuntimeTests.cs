using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Preflight;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.Oci;

/// <summary>Runtime and conmon when things go wrong.</summary>
public sealed class RuntimeTests : IAsyncLifetime
{
    private readonly TestEngine _test = new();

    private static CancellationToken Cancellation => TestEngine.Cancellation;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Unknown_containers_are_none()
    {
        var runtime = Runtime.Find(_test.Engine.Layout, "runc");
        var id = ContainerNameGenerator.NewId();

        Assert.Null(await runtime.GetStateAsync(id, Cancellation));
        await runtime.DeleteAsync(id, force: true, Cancellation);
        Assert.Contains("does not exist", (await Assert.ThrowsAsync<RuntimeException>(() => runtime.StartAsync(id, Cancellation))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_runtime_is_told_with_a_remedy()
    {
        var failure = Assert.Throws<MissingProgramException>(() => Runtime.Find(_test.Engine.Layout, "runx"));

        Assert.Contains("runx", failure.Message, StringComparison.Ordinal);
        Assert.Contains("stasis doctor", failure.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_dump_quotes_criu()
    {
        var container =
            await StartAsync(
                "mkfifo /tmp/fifo; sleep 60 > /tmp/fifo & nc -l -p 7000 < /tmp/fifo & sleep 0.2; nc 127.0.0.1 7000 < /tmp/fifo & sleep "
                    + "0.5; touch /tmp/connected; wait");
        var runtime = Runtime.Find(_test.Engine.Layout, "runc");
        var (work, images) = (Path.Combine(_test.Home, "work"), Path.Combine(_test.Home, "images"));
        Directory.CreateDirectory(work);
        Directory.CreateDirectory(images);
        await TestEngine.UntilAsync(() => File.Exists(Path.Combine(_test.Engine.Layout.Container(container.Id).Merged, "tmp/connected")),
            "the connection");

        var request = new DumpRequest(images, work) { Flags = ["--leave-running"] };
        var failure = await Assert.ThrowsAsync<RuntimeException>(() => runtime.CheckpointAsync(container.Id, request, Cancellation));

        Assert.StartsWith("runc checkpoint", failure.Message, StringComparison.Ordinal);
        Assert.Contains("): an established TCP connection: keep it with --tcp-established", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"(CRIU's log: {work}/dump.log)", failure.Message, StringComparison.Ordinal);
        Assert.Equal("running", (await runtime.GetStateAsync(container.Id, Cancellation))!.Value.Status);
    }

    [Theory]
    [InlineData(false, 2)] // skip
    [InlineData(true, 0)] // iptables
    public async Task CRIU_locks_the_network_for_connections_alone(bool connections, int method)
    {
        await StartAsync("sleep 60");

        var made = await _test.Engine.Checkpoints.CheckpointAsync(
            "one",
            new CheckpointOptions { Store = true, LeaveRunning = true, TcpEstablished = connections },
            null,
            Cancellation);

        var images = new ImageDirectory(
            new DirectoryImageFileSource(new CheckpointEntryPaths(_test.Engine.Layout.Checkpoint(made.Checkpoint!)).Images), "checkpoint");
        Assert.Equal((uint)method, images.One("inventory.img")!.Value.U32("network_lock_method"));
        _test.Engine.CheckpointStore.Release(made.Checkpoint, container: "");
    }

    [Fact]
    public async Task Commands_besides_the_first_are_not_lost_to_a_checkpoint()
    {
        var container = await StartAsync("sleep 60 & sleep 60");
        Assert.Empty(ContainerProcesses.Read(container).Others);

        await _test.Containers.ExecAsync("one", new ExecOptions { Command = ["sh", "-c", "sleep 50 & wait"], Detach = true }, Cancellation);

        await TestEngine.UntilAsync(() => ContainerProcesses.Read(container).Others.Count == 2, "the command and its child");
        var checkpoints = _test.Engine.Checkpoints;
        var archive = Path.Combine(_test.Home, "archive");
        var refused =
            await Assert.ThrowsAsync<InvalidStateException>(() => checkpoints.CheckpointAsync(
                "one",
                new CheckpointOptions { Export = archive },
                null,
                Cancellation));
        Assert.Contains("(sh): a command started with exec, which a checkpoint can't hold", refused.Message, StringComparison.Ordinal);
        await checkpoints.CheckpointAsync("one", new CheckpointOptions { Export = archive, LeaveRunning = true }, null, Cancellation);
        Assert.Equal(2, ContainerProcesses.Read(container).Others.Count);
    }

    [Fact]
    public async Task A_hanging_runtime_is_killed_when_the_caller_gives_up()
    {
        var hanging = await MakeHangingAsync();
        await _test.CreateAsync("one", "true", options => options with { Runtime = hanging });
        using var patience = new CancellationTokenSource();

        var starting = _test.Containers.StartAsync("one", patience.Token);
        await Eventually.FileAsync(hanging + ".pid");
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.EndsAsync(starting));

        await GoneAsync(hanging);
        Assert.Equal(ContainerStatus.Created, _test.Containers.Get("one").State.Status);
    }

    [Fact]
    public async Task A_hanging_runtime_is_killed_after_a_while()
    {
        var hanging = await MakeHangingAsync();
        var container = await _test.CreateAsync("one", "true", null);
        var paths = _test.Engine.Layout.Container(container.Id);
        var runtime = Runtime.Find(_test.Engine.Layout, hanging, TimeSpan.FromSeconds(1));

        var launch = await Assert.ThrowsAsync<StasisException>(() =>
            ConmonLauncher.LaunchAsync(runtime,
                new ConmonRequest { Container = container, Paths = paths, ExitCommand = ["/bin/true"] }, Cancellation));
        await GoneAsync(hanging);
        var start = await Assert.ThrowsAsync<StasisException>(() => runtime.StartAsync(container.Id, Cancellation));
        await GoneAsync(hanging);

        Assert.Contains("hang create", launch.Message, StringComparison.Ordinal);
        Assert.Contains("no answer within 1 s, killed", launch.Message, StringComparison.Ordinal);
        Assert.Contains("no answer within 1 s, killed", start.Message, StringComparison.Ordinal);
        FileTree.Remove(paths.RunDirectory);
    }

    [Fact]
    public async Task Refusal_of_conmon_is_told_in_its_words()
    {
        var runtime = Runtime.Find(_test.Engine.Layout, "runc");

        using var conmon = ConmonStartup.Start(runtime, ["--no-such-option"], "/");

        Assert.Contains("Unknown option --no-such-option",
            (await Assert.ThrowsAsync<StasisException>(() => conmon.WaitUntilForkedAsync(Eventually.HangGuard, Cancellation))).Message,
                StringComparison.Ordinal);
    }

    private async Task<string> MakeHangingAsync()
    {
        var path = Path.Combine(_test.Home, "hang");
        File.AppendAllText(path, "#!/bin/sh\necho $$ > $0.new; mv $0.new $0.pid\nsleep 1000\n");
        await Spawn.RunAsync(new SpawnOptions { Program = "chmod", Arguments = ["+x", path] }, null, Cancellation);
        return path;
    }

    private static Task GoneAsync(string hanging)
    {
        if (!File.Exists(hanging + ".pid"))
            return Task.CompletedTask; // on a busy machine it was killed before its first line
        var pid = int.Parse(File.ReadAllText(hanging + ".pid"), System.Globalization.CultureInfo.InvariantCulture);
        return TestEngine.UntilAsync(() => PidFd.StartTime(pid) is null, "the runtime's end");
    }

    private async Task<Container> StartAsync(string script)
    {
        await _test.CreateAsync("one", script, null);
        return await _test.Containers.StartAsync("one", Cancellation);
    }
}
