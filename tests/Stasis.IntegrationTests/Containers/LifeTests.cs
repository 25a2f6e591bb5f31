using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Xunit;

namespace Stasis.IntegrationTests.Containers;

/// <summary>The verbs of a container's life, each on real runc and conmon.</summary>
public sealed class LifeTests : IAsyncLifetime
{
    private const string Loop = "trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done";

    private readonly TestEngine _test = new();

    private static CancellationToken Cancellation => TestEngine.Cancellation;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Created_it_is_listed_and_nothing_of_it_runs()
    {
        var made = await _test.CreateAsync("one", "true");
        Assert.Equal(made.Id, _test.Containers.List().Single().Id);
        Assert.Equal(ContainerStatus.Created, _test.Containers.Get("one").State.Status);
        Assert.Equal(made.Id, _test.Containers.Latest().Id);
        Assert.Empty(_test.Traces(made.Id));
    }

    [Fact]
    public async Task A_taken_name_is_refused_and_leaves_nothing()
    {
        var first = await _test.CreateAsync("one", "true");
        var second = _test.Plan("one", "true");
        var e = await Assert.ThrowsAsync<InUseException>(() => _test.Containers.CreateAsync(second, Cancellation));
        Assert.Contains(first.Id[..12], e.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_test.Engine.Layout.Container(second.Id).Directory));
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    // The first process of a PID namespace can't kill itself; so a child does, and it passes the code on.
    [InlineData("sh -c 'kill -9 $$'; exit $?", 137)]
    public async Task Its_exit_code_is_kept(string script, int code)
    {
        var started = DateTimeOffset.UtcNow;
        await _test.RunAsync("one", script);
        Assert.Equal(code, await _test.Containers.WaitAsync("one", Cancellation));
        var state = _test.Containers.Get("one").State;
        Assert.Equal(ContainerStatus.Exited, state.Status);
        Assert.InRange(state.FinishedAt!.Value, started, DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Null(state.Error);
    }

    [Fact]
    public async Task Container_is_cleaned_up_though_no_stasis_waits_for_it()
    {
        var container = await _test.RunAsync("one", "true", network: true);
        await TestEngine.UntilAsync(() => _test.Traces(container.Id).Count == 0, "conmon's exit command");
        Assert.Equal(ContainerStatus.Exited, _test.Engine.ContainerStore.Get("one").State.Status);
    }

    [Fact]
    public async Task Running_it_has_its_own_loopback_shm_and_files()
    {
        await _test.RunAsync("one", "ip addr show lo; df /dev/shm; echo data > /file; ls -lnd /; sleep 30", network: true);
        await TestEngine.UntilAsync(() => _test.LogAsync("one").Result.Exists(l => l.EndsWith(" /", StringComparison.Ordinal)),
            "its output");
        var log = await _test.LogAsync("one");
        Assert.Matches("^dr-xr-xr-x +[0-9]+ 0 +0 ", log[^1]); // as every container's root of Podman's, whatever the image has
        Assert.Contains(log, l => l.Contains("LOOPBACK,UP", StringComparison.Ordinal));
        Assert.Contains(log, l => l.Contains(" 1024 ", StringComparison.Ordinal));
        await TestEngine.UntilAsync(
            () => File.Exists(Path.Combine(_test.Engine.Layout.Container(_test.Containers.Get("one").Id).Upper, "file")), "its file");
    }

    [Fact]
    public async Task Stopped_it_gets_its_signal_and_may_exit_as_it_likes()
    {
        var container = await _test.RunAsync("one", Loop);
        await TestEngine.UntilAsync(() => _test.LogAsync("one").Result.Contains("up"), "its trap");
        var stopped = await _test.Containers.StopAsync("one", null, Cancellation);
        Assert.Equal((ContainerStatus.Exited, 3), (stopped.State.Status, stopped.State.ExitCode));
        await TestEngine.UntilAsync(() => _test.Traces(container.Id).Count == 0, "nothing left");
        Assert.Equal(ContainerStatus.Exited, (await _test.Containers.StopAsync("one", null, Cancellation)).State.Status);
    }

    [Fact]
    public async Task Stopped_in_vain_it_is_killed()
    {
        await _test.RunAsync("one", "trap '' TERM; while :; do sleep 0.05; done");
        var stopped = await _test.Containers.StopAsync("one", TimeSpan.FromSeconds(0.3), Cancellation);
        Assert.Equal((ContainerStatus.Exited, 137), (stopped.State.Status, stopped.State.ExitCode));
    }

    [Fact]
    public async Task Killed_it_gets_any_signal()
    {
        await _test.RunAsync("one", "trap 'exit 5' HUP; echo up; while :; do sleep 0.05; done");
        await TestEngine.UntilAsync(() => _test.LogAsync("one").Result.Contains("up"), "its trap");
        await _test.Containers.KillAsync("one", 1, Cancellation);
        Assert.Equal(5, await _test.Containers.WaitAsync("one", Cancellation));
        await Assert.ThrowsAsync<InvalidStateException>(() => _test.Containers.KillAsync("one", 1, Cancellation));
    }

    [Fact]
    public async Task Paused_it_stands_still_and_can_be_stopped()
    {
        var one = await RunWriterAsync("one", "sleep 0.02");
        await _test.Containers.PauseAsync("one", Cancellation);
        Assert.Equal(ContainerStatus.Paused, _test.Containers.Get("one").State.Status);
        await StandsStillAsync(one);
        var e = await Assert.ThrowsAsync<InvalidStateException>(() => _test.Containers.StartAsync("one", Cancellation));
        Assert.Contains("unpause", e.Remedy, StringComparison.Ordinal);

        await _test.Containers.UnpauseAsync("one", Cancellation);
        await GoesOnAsync(one);

        await _test.Containers.PauseAsync("one", Cancellation);
        Assert.Equal(137, (await _test.Containers.StopAsync("one", TimeSpan.FromSeconds(0.2), Cancellation)).State.ExitCode);
    }

    [Fact]
    public async Task Frozen_by_its_cgroup_it_stands_still_with_all_its_children_and_the_runtime_can_resume_it()
    {
        var container = await RunWriterAsync("one", "/bin/true"); // forks all the time
        Assert.True(await ContainerCgroup.TryFreezeAsync(container));
        await StandsStillAsync(container);

        using (var locked = await _test.Containers.LockAsync("one", Cancellation))
            await locked.Runtime.ResumeAsync(container.Id, Cancellation);
        await GoesOnAsync(container);
    }

    [Fact]
    public async Task Killed_while_paused_it_dies()
    {
        await _test.RunAsync("one", Loop);
        await _test.Containers.PauseAsync("one", Cancellation);
        await _test.Containers.KillAsync("one", 9, Cancellation);
        Assert.Equal(137, await _test.Containers.WaitAsync("one", Cancellation));
    }

    [Fact]
    public async Task Restarted_it_keeps_its_files_and_its_log()
    {
        var first = await _test.RunAsync("one", "echo x >> /count; cat /count; echo up; trap 'exit 0' TERM; while :; do sleep 0.05; done");
        await TestEngine.UntilAsync(() => _test.LogAsync("one").Result.Contains("up"), "its first life");
        var second = await _test.Containers.RestartAsync("one", null, Cancellation);
        Assert.NotEqual(first.State.Pid, second.State.Pid);
        await TestEngine.UntilAsync(() => _test.LogAsync("one").Result.Count(l => l == "up") == 2, "its second life");
        Assert.Equal(["x", "up", "x", "x", "up"], await _test.LogAsync("one"));
        await _test.Containers.StopAsync("one", null, Cancellation);
        await _test.Containers.StartAsync("one", Cancellation);
        Assert.Equal(ContainerStatus.Running, _test.Containers.Get("one").State.Status);
    }

    [Fact]
    public async Task A_living_one_is_only_removed_by_force()
    {
        var container = await _test.RunAsync("one", Loop, network: true);
        var e = await Assert.ThrowsAsync<InvalidStateException>(() => _test.Containers.RemoveAsync("one", false, Cancellation));
        Assert.Contains("rm -f", e.Remedy, StringComparison.Ordinal);
        await _test.Containers.RemoveAsync("one", true, Cancellation);
        Assert.Empty(_test.Containers.List());
        Assert.Throws<NotFoundException>(() => _test.Containers.Get("one"));
        await TestEngine.UntilAsync(() => _test.Traces(container.Id).Count == 0, "nothing left");
        Assert.Equal(137, _test.Engine.Exits.Find(container.Id));
    }

    [Fact]
    public async Task Paused_it_is_removed_by_force()
    {
        var container = await _test.RunAsync("one", Loop);
        await _test.Containers.PauseAsync("one", Cancellation);
        await _test.Containers.RemoveAsync("one", true, Cancellation);
        await TestEngine.UntilAsync(() => _test.Traces(container.Id).Count == 0, "nothing left");
    }

    [Fact]
    public async Task With_auto_remove_it_goes_by_itself_and_its_exit_code_is_still_told()
    {
        var container = await _test.RunAsync("one", "sleep 0.3; exit 9", autoRemove: true);
        Assert.Equal(9, await _test.Containers.WaitAsync("one", Cancellation));
        await TestEngine.UntilAsync(
            () => _test.Containers.List().Count == 0 && !Directory.Exists(_test.Engine.Layout.Container(container.Id).Directory),
                "its removal");
        Assert.Equal(9, await _test.Containers.WaitAsync(container.Id, Cancellation));
        await Assert.ThrowsAsync<NotFoundException>(() => _test.Containers.WaitAsync("one", Cancellation));
    }

    [Fact]
    public async Task With_auto_remove_a_restart_keeps_it_and_a_stop_removes_it()
    {
        await _test.RunAsync("one", Loop, autoRemove: true);
        await _test.Containers.RestartAsync("one", TimeSpan.Zero, Cancellation);
        Assert.Equal(ContainerStatus.Running, _test.Containers.Get("one").State.Status);
        await _test.Containers.StopAsync("one", TimeSpan.Zero, Cancellation);
        Assert.Empty(_test.Containers.List());
    }

    [Fact]
    public async Task Renamed_while_it_runs_it_is_known_by_the_new_name()
    {
        var container = await _test.RunAsync("one", Loop);
        await _test.CreateAsync("two", "true");
        await Assert.ThrowsAsync<InUseException>(() => _test.Containers.RenameAsync("one", "two", Cancellation));
        await _test.Containers.RenameAsync("one", "three", Cancellation);
        Assert.Equal(container.Id, _test.Containers.Get("three").Id);
        Assert.Throws<NotFoundException>(() => _test.Containers.Get("one"));
        await _test.Containers.StopAsync("three", TimeSpan.Zero, Cancellation);
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_told_and_leaves_it_startable()
    {
        var plan = _test.Plan("one", "true");
        await _test.Containers.CreateAsync(
            plan with { Spec = plan.Spec with { Process = plan.Spec.Process! with { Args = ["/no/such"] } } }, Cancellation);
        var e = await Assert.ThrowsAsync<RuntimeException>(() => _test.Containers.StartAsync("one", Cancellation));
        Assert.Contains("/no/such", e.Message, StringComparison.Ordinal);
        var state = _test.Containers.Get("one").State;
        Assert.Equal(ContainerStatus.Created, state.Status);
        Assert.Equal(e.Message, state.Error);
        await TestEngine.UntilAsync(() => _test.Traces(plan.Id).Count == 0, "nothing left");
    }

    [Fact]
    public async Task Its_processes_are_listed()
    {
        await _test.RunAsync("one", "sleep 1234 & echo up; wait");
        await TestEngine.UntilAsync(() => _test.LogAsync("one").Result.Contains("up"), "its child");
        await TestEngine.UntilAsync(() => _test.Containers.TopAsync("one", ["args"], Cancellation).Result.Contains("sleep 1234"),
            "its child in the list");
        var top = await _test.Containers.TopAsync("one", [], Cancellation);
        Assert.StartsWith("USER", top[0], StringComparison.Ordinal);
        Assert.Equal(3, top.Count);
        await Assert.ThrowsAsync<StasisException>(() => _test.Containers.TopAsync("one", ["nonsense"], Cancellation));
    }

    [Fact]
    public async Task Its_log_can_be_followed_to_its_end()
    {
        await _test.RunAsync("one", "for i in $(seq 20); do echo $i; sleep 0.02; done; echo -n end");
        Assert.Equal([.. Enumerable.Range(1, 20).Select(i => $"{i}"), "end"],
            await _test.LogAsync("one", new LogOptions { Follow = true }));
        Assert.Equal(["20", "end"], await _test.LogAsync("one", new LogOptions { Tail = 2 }));
        Assert.Empty(await _test.LogAsync("one", new LogOptions { Since = DateTimeOffset.UtcNow.AddMinutes(1) }));
        Assert.Empty(await _test.LogAsync("one", new LogOptions { Until = DateTimeOffset.UtcNow.AddMinutes(-1) }));
    }

    [Fact]
    public async Task After_a_reboot_it_has_ended_and_can_be_started_again()
    {
        var container = await _test.RunAsync("one", Loop);
        // A reboot as it looks from the files: process and conmon gone at once, the run root empty.
        using (var conmon = Stasis.Linux.Processes.PidFd.Open(container.State.ConmonPid)!)
        {
            conmon.Signal(9);
            await conmon.WaitAsync(Cancellation);
        }
        using (var process = Stasis.Linux.Processes.PidFd.Open(container.State.Pid)!)
        {
            process.Signal(9);
            await process.WaitAsync(Cancellation);
        }
        ContainerMounts.Unmount(_test.Engine.Layout.Container(container.Id));
        ContainerCgroup.Remove(container);
        Stasis.Linux.Files.FileTree.Remove(_test.Engine.Layout.RunRoot);

        var state = _test.Containers.Get("one").State;
        Assert.Equal((ContainerStatus.Exited, ContainerExit.UnknownExitCode), (state.Status, state.ExitCode));
        Assert.NotNull(state.Error);
        await _test.Containers.StartAsync("one", Cancellation);
        Assert.Equal(ContainerStatus.Running, _test.Containers.Get("one").State.Status);
    }

    // What it writes is in its files at once, which a log is not.
    private async Task<Container> RunWriterAsync(string name, string step)
    {
        var container = await _test.RunAsync(name, $"while :; do echo >>/written; {step}; done");
        await TestEngine.UntilAsync(() => Written(container) > 10, "output");
        return container;
    }

    private Task GoesOnAsync(Container container)
    {
        var then = Written(container);
        return TestEngine.UntilAsync(() => Written(container) > then, "further output");
    }

    // As long as another one writes ten times.
    private async Task StandsStillAsync(Container container)
    {
        var then = Written(container);
        await RunWriterAsync("other", "sleep 0.02");
        Assert.Equal(then, Written(container));
    }

    private long Written(Container container) =>
        new FileInfo(Path.Combine(_test.Engine.Layout.Container(container.Id).Upper, "written")) is { Exists: true } file ? file.Length : 0;
}
