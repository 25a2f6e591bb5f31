using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Model;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.Containers;

/// <summary>Processes killed where it hurts, and many at once.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private const string Loop = "echo up; while :; do sleep 0.05; done";
    private const int Killed = 128 + 9;

    private readonly TestEngine _test = new();

    private static CancellationToken Cancellation => TestEngine.Cancellation;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Theory]
    [InlineData("create.reserved")]
    [InlineData("create.made")]
    public async Task Stasis_killed_while_it_creates_a_container(string point)
    {
        var image = await _test.ImageAsync();
        Assert.Equal(Killed, (await _test.CommandAsync($"{point}=kill", "create", "--name", "one", "-v", "data:/data", "-v", "/anonymous", image, "true")).ExitCode);
        Assert.Single(_test.Engine.Operations.List());
        Assert.Empty(_test.Containers.List());

        // The name is free again for the next that wants it.
        var created = await _test.CommandAsync(null, "create", "--name", "one", image, "true");
        Assert.Equal((0, ""), (created.ExitCode, created.Error));
        Assert.Equal(created.Output.Trim(), _test.Containers.List().Single().Id);
        Assert.Equal(created.Output.Trim(), Path.GetFileName(Directory.EnumerateDirectories(_test.Engine.Layout.Containers).Single()));
        Assert.Empty(_test.Engine.Volumes.List().Select(volume => volume.Name).Except(["data"]));
    }

    [Theory]
    [InlineData("start.mounted", ContainerStatus.Created)]
    [InlineData("start.launched", ContainerStatus.Exited)]
    [InlineData("start.started", ContainerStatus.Exited)]
    public async Task Stasis_killed_while_it_starts_a_container(string point, ContainerStatus after)
    {
        var container = await _test.CreateAsync("one", Loop, network: true);
        Assert.Equal(Killed, (await _test.CommandAsync($"{point}=kill", "start", "one")).ExitCode);
        Assert.NotEmpty(_test.Traces(container.Id));

        await _test.Engine.RecoverAsync(Cancellation);
        Assert.Equal(after, _test.Containers.Get("one").State.Status);
        await TestEngine.UntilAsync(() => _test.Traces(container.Id).Count == 0, "nothing left");
        Assert.Empty(_test.Engine.Operations.List());

        await _test.Containers.StartAsync("one", Cancellation);
        await TestEngine.UntilAsync(() => _test.LogAsync("one").Result.Contains("up"), "its output");
    }

    [Fact]
    public async Task A_start_that_fails_at_any_step_leaves_it_as_it_was()
    {
        var container = await _test.CreateAsync("one", Loop, network: true);
        foreach (var point in (string[])["start.mounted", "start.launched", "start.started"])
        {
            var failed = await _test.CommandAsync($"{point}=error", "start", "one");
            Assert.Equal(125, failed.ExitCode);
            Assert.Contains(point, failed.Error, StringComparison.Ordinal);
            Assert.Equal(ContainerStatus.Created, _test.Containers.Get("one").State.Status);
            await TestEngine.UntilAsync(() => _test.Traces(container.Id).Count == 0, "nothing left");
        }
    }

    [Theory]
    [InlineData("remove.begun")]
    [InlineData("remove.torn-down")]
    [InlineData("remove.files-gone")]
    public async Task Stasis_killed_while_it_removes_a_container(string point)
    {
        var container = await _test.RunAsync("one", Loop, network: true);
        Assert.Equal(Killed, (await _test.CommandAsync($"{point}=kill", "rm", "-f", "one")).ExitCode);
        Assert.DoesNotContain(_test.Containers.List(), left => left.State.Status != ContainerStatus.Removing);

        // Any command completes it, here one that is about another container; unless conmon's exit command is at it already.
        await _test.CreateAsync("two", "true");
        await TestEngine.UntilAsync(() => _test.Containers.List() is [{ Name: "two" }], "the removal");
        Assert.False(Directory.Exists(_test.Engine.Layout.Container(container.Id).Directory));
        await TestEngine.UntilAsync(() => _test.Traces(container.Id).Count == 0, "nothing left");
    }

    [Theory]
    [InlineData("pause.paused", "pause")]
    [InlineData("pause.running", "unpause")]
    public async Task Stasis_killed_between_freezing_and_writing_it_down(string point, string verb)
    {
        await _test.RunAsync("one", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done");
        if (verb == "unpause")
            await _test.Containers.PauseAsync("one", Cancellation);
        Assert.Equal(Killed, (await _test.CommandAsync($"{point}=kill", verb, "one")).ExitCode);

        await _test.Engine.RecoverAsync(Cancellation);
        Assert.Equal(ContainerStatus.Running, _test.Containers.Get("one").State.Status);
        var count = (await _test.LogAsync("one")).Count;
        await TestEngine.UntilAsync(() => _test.LogAsync("one").Result.Count > count, "further output");
    }

    [Fact]
    public async Task Stasis_killed_while_it_cleans_up()
    {
        var container = await _test.RunAsync("one", Loop);
        Assert.Equal(Killed, (await _test.CommandAsync("cleanup.recorded=kill", "stop", "-t", "0", "one")).ExitCode);
        Assert.Equal(137, _test.Containers.Get("one").State.ExitCode);
        // conmon's exit command is the next to come along.
        await TestEngine.UntilAsync(() => _test.Traces(container.Id).Count == 0, "nothing left");
        Assert.Empty(_test.Engine.Operations.List());
    }

    [Theory]
    [InlineData(Loop)]
    [InlineData("sleep 1; exit 4")]
    public async Task conmon_killed(string script)
    {
        var container = await _test.RunAsync("one", script);
        using (var conmon = PidFd.Open(container.State.ConmonPid)!)
        {
            conmon.Signal(9);
            await conmon.WaitAsync(Cancellation);
        }
        if (script == Loop)
        {
            // It goes on without a supervisor (until it writes), and can be removed.
            await _test.Containers.RemoveAsync("one", true, Cancellation);
        }
        else
        {
            Assert.Equal(ContainerExit.UnknownExitCode, await _test.Containers.WaitAsync("one", Cancellation));
            Assert.Contains("conmon", _test.Containers.Get("one").State.Error, StringComparison.Ordinal);
            await _test.Containers.StartAsync("one", Cancellation);
            Assert.Equal(4, await _test.Containers.WaitAsync("one", Cancellation));
        }
    }

    [Fact]
    public async Task A_removal_waits_for_the_verb_that_is_under_way()
    {
        await _test.CreateAsync("one", Loop);
        var gate = Path.Combine(_test.Home, "gate");
        await File.Create(gate).DisposeAsync();
        var start = _test.CommandAsync($"start.launched=wait:{gate}", "start", "one");
        await TestEngine.UntilAsync(() => File.Exists(gate + ".hit"), "the start to be under way");
        var remove = _test.Containers.RemoveAsync("one", true, Cancellation);
        await KernelLocks.WaiterAsync(_test.Engine.Layout.ContainerLock(_test.Containers.Get("one").Id));
        Assert.False(remove.IsCompleted);
        File.Delete(gate);
        Assert.Equal(0, (await start).ExitCode);
        await remove;
        Assert.Empty(_test.Containers.List());
    }

    [Fact]
    public async Task Twenty_at_once_get_in_no_one_s_way()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            var name = $"c{i}";
            using var engine = _test.Open();
            await engine.Containers.CreateAsync(_test.Plan(name, $"exit {i}", network: i % 4 == 0), Cancellation);
            Assert.Equal(0, (await _test.CommandAsync(null, "start", name)).ExitCode);
            Assert.Equal(i, await engine.Containers.WaitAsync(name, Cancellation));
            if (i % 2 == 0)
                Assert.Equal(0, (await _test.CommandAsync(null, "rm", name)).ExitCode);
        }));
        Assert.Equal(10, _test.Containers.List().Count);
    }

    [Fact]
    public async Task Ten_starts_of_one_container_start_it_once()
    {
        await _test.CreateAsync("one", Loop);
        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _test.CommandAsync(null, "start", "one")));
        Assert.All(results, r => Assert.Equal((0, ""), (r.ExitCode, r.Error)));
        await _test.Containers.StopAsync("one", TimeSpan.Zero, Cancellation);
        Assert.Equal(["up"], await _test.LogAsync("one"));
    }

    [Fact]
    public async Task Ten_creations_of_one_name_make_it_once()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            using var engine = _test.Open();
            try
            {
                await engine.Containers.CreateAsync(_test.Plan("one", "true"), Cancellation);
                return 1;
            }
            catch (Stasis.Engine.Errors.InUseException)
            {
                return 0;
            }
        }));
        Assert.Equal(1, made.Sum());
        Assert.Single(Directory.EnumerateDirectories(_test.Engine.Layout.Containers));
    }
}
