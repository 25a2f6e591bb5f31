using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary>The verbs of a container's life, its logs, and commands in it.</summary>
public sealed class LifeTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Create_start_stop_start_restart_kill_remove()
    {
        var id = await _host.OkAsync("create", "--name", "c", "busybox", "sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.05; done");
        Assert.Equal("created", await StatusAsync());
        Assert.Equal("c", await _host.OkAsync("start", "c"));
        Assert.Equal("running", await StatusAsync());
        Assert.Equal("c", await _host.OkAsync("stop", "c"));
        Assert.Equal("exited 3", await _host.InspectAsync("c", "{{.State.Status}} {{.State.ExitCode}}"));
        Assert.Equal(id[..8], await _host.OkAsync("start", id[..8]));
        var pid = await _host.InspectAsync("c", "{{.State.Pid}}");
        Assert.Equal("c", await _host.OkAsync("restart", "-t", "1", "c"));
        Assert.NotEqual(pid, await _host.InspectAsync("c", "{{.State.Pid}}"));
        Assert.Equal("c", await _host.OkAsync("kill", "-s", "SIGKILL", "c"));
        Assert.Equal("137", await _host.OkAsync("wait", "c"));
        Assert.Equal("c", await _host.OkAsync("rm", "c"));
        await _host.FailAsync("inspect", "--type", "container", "c");
    }

    [Fact]
    public async Task Stop_kills_what_does_not_listen()
    {
        await _host.OkAsync("run", "-d", "--name", "deaf", "busybox", "sh", "-c", "trap '' TERM; while :; do sleep 0.05; done");
        var start = Stopwatch.GetTimestamp();
        var stop = await _host.RunAsync("stop", "--time", "1", "deaf");
        Assert.Equal((0, "deaf\n", "Warning: StopSignal SIGTERM failed to stop container deaf in 1 seconds, resorting to SIGKILL\n"), (stop.ExitCode, stop.Output, stop.Error));
        Assert.True(Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(0.9), "it was not given its time");
        Assert.Equal("137", await _host.InspectAsync("deaf", "{{.State.ExitCode}}"));
    }

    [Fact]
    public async Task Paused_it_stands_still()
    {
        // What they write is in their files at once, which a log is not; the other one goes on meanwhile.
        const string script = "while :; do echo >>/written; sleep 0.02; done";
        foreach (var name in (string[])["c", "other"])
            await _host.OkAsync("run", "-d", "--name", name, "busybox", "sh", "-c", script);
        var (written, other) = (await WrittenAsync("c"), await WrittenAsync("other"));
        await Eventually.TrueAsync(() => Length(written) > 0 && Length(other) > 0, "both to write");
        await _host.OkAsync("pause", "c");
        Assert.Equal("paused true", await _host.InspectAsync("c", "{{.State.Status}} {{.State.Paused}}"));
        var (then, others) = (Length(written), Length(other));
        await Eventually.TrueAsync(() => Length(other) > others + 10, "the other to go on");
        Assert.Equal(then, Length(written));
        await _host.OkAsync("unpause", "c");
        await Eventually.TrueAsync(() => Length(written) > then, "it to go on");

        async Task<string> WrittenAsync(string name) => Path.Combine(_host.Root, "containers", await _host.InspectAsync(name, "{{.Id}}"), "upper", "written");

        static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
    }

    [Theory]
    [InlineData("unpause", "c", "running")]
    [InlineData("rm", "c", "running")]
    [InlineData("container restore", "c", "")]
    public async Task A_verb_that_is_not_allowed_says_why_and_what_to_do(string verb, string container, string state)
    {
        await CounterAsync("c");
        var result = await _host.RunAsync([.. verb.Split(' '), container]);
        Assert.Equal(verb == "rm" ? 2 : 125, result.ExitCode);
        Assert.Contains(state, result.Error, StringComparison.Ordinal);
        Assert.True(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length >= 2, result.Error); // the remedy
        Assert.Equal("running", await StatusAsync());
    }

    [Fact]
    public async Task A_checkpoint_in_place_is_not_lost_by_a_start()
    {
        await _host.StartCounterAsync("c");
        await _host.OkAsync("container", "checkpoint", "c");
        Assert.Matches(@"^Exited \(0\) .* ago \(checkpointed\)$", await _host.OkAsync("ps", "-a", "--format", "{{.Status}}"));
        foreach (var verb in (string[])["start", "restart"])
            Assert.Contains("stasis container restore c", await _host.FailAsync(verb, "c"), StringComparison.Ordinal);
        await _host.OkAsync("container", "restore", "c");
        await _host.CountsOnAsync("c");
        await _host.CountedWithoutGapAsync("c");

        await _host.OkAsync("container", "checkpoint", "c");
        await _host.OkAsync("start", "--discard-checkpoint", "c");
        Assert.Equal("running false", await _host.InspectAsync("c", "{{.State.Status}} {{.State.Checkpointed}}"));
        Assert.False(Directory.Exists(Path.Combine(_host.Root, "containers", await _host.InspectAsync("c", "{{.Id}}"), "checkpoint")));
        await _host.OkAsync("kill", "c");
        await _host.OkAsync("wait", "c");
        await _host.FailAsync("container", "restore", "c");
    }

    [Fact]
    public async Task Of_several_each_is_tried_and_the_first_failure_is_the_exit_code()
    {
        await CounterAsync("a");
        await CounterAsync("b");
        var result = await _host.RunAsync("stop", "-t", "0", "a", "nope", "b");
        Assert.Equal((125, "a\nb\n"), (result.ExitCode, result.Output));
        Assert.Contains("nope", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await _host.RunAsync("rm", "nope", "a")).ExitCode);
        Assert.Equal("b", await _host.OkAsync("ps", "-a", "--format", "{{.Names}}"));
        Assert.Equal(0, (await _host.RunAsync("rm", "-f", "nope")).ExitCode);
    }

    [Fact]
    public async Task All_and_latest()
    {
        await CounterAsync("a");
        await CounterAsync("b");
        Assert.Equal(await _host.InspectAsync("b", "{{.Id}}"), await _host.OkAsync("pause", "-l"));
        Assert.Equal(["a", "b"], (await _host.OkAsync("ps", "--format", "{{.Names}}")).Split('\n'));
        Assert.Equal("b", await _host.OkAsync("ps", "--filter", "status=paused", "--format", "{{.Names}}"));
        Assert.Equal(2, (await _host.OkAsync("kill", "--all")).Split('\n').Length);
        await _host.OkAsync("wait", "a", "b");
        Assert.Equal("", await _host.OkAsync("ps", "-q"));
        Assert.Equal(2, (await _host.OkAsync("rm", "--all")).Split('\n').Length);
    }

    [Fact]
    public async Task Rename_is_a_new_name_for_the_same()
    {
        var id = await _host.OkAsync("create", "--name", "old", "busybox", "true");
        await _host.OkAsync("create", "--name", "other", "busybox", "true");
        Assert.Contains("other", await _host.FailAsync("rename", "old", "other"), StringComparison.Ordinal);
        await _host.OkAsync("rename", "old", "new");
        Assert.Equal(id, await _host.InspectAsync("new", "{{.Id}}"));
        await _host.FailAsync("inspect", "old");
    }

    [Fact]
    public async Task Logs_by_number_time_and_while_they_come()
    {
        await _host.OkAsync("run", "--name", "c", "busybox", "sh", "-c", "echo one; echo two >&2; sleep 1.2; echo three");
        var all = await _host.RunAsync("logs", "c");
        Assert.Equal(("one\nthree\n", "two\n"), (all.Output, all.Error));
        Assert.Equal("three", await _host.OkAsync("logs", "--tail", "1", "c"));
        Assert.Equal("", await _host.OkAsync("logs", "--tail=0", "c"));
        var stamped = await _host.OkAsync("logs", "-t", "--tail", "1", "c");
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}([+-]\d\d:\d\d|Z) three$", stamped);
        Assert.Equal("three", await _host.OkAsync("logs", "--since", stamped.Split(' ')[0], "c"));
        var first = (await _host.OkAsync("logs", "-t", "c")).Split(' ')[0];
        Assert.Equal("one", await _host.OkAsync("logs", "--until", first, "c"));
        Assert.Equal("", await _host.OkAsync("logs", "--until", "10m", "c"));

        await _host.OkAsync("run", "-d", "--name", "d", "busybox", "sh", "-c", "for i in 1 2 3 4 5; do echo $i; sleep 0.2; done");
        Assert.Equal("1\n2\n3\n4\n5", await _host.OkAsync("logs", "-f", "d"));
    }

    [Fact]
    public async Task Exec_runs_beside_the_first_process()
    {
        await CounterAsync("c");
        var result = await _host.RunAsync("exec", "c", "sh", "-c", "echo out; echo err >&2; exit 5");
        Assert.Equal((5, "out\n", "err\n"), (result.ExitCode, result.Output, result.Error));
        Assert.Equal("V /tmp 65534 -x", await _host.OkAsync("exec", "-e", "A=V", "-w", "/tmp", "-u", "nobody", "c", "sh", "-c", "echo $A $PWD $(id -u) $1", "sh", "-x"));
        Assert.Equal(127, (await _host.RunAsync("exec", "c", "no-such-command")).ExitCode);
        Assert.Equal(126, (await _host.RunAsync("exec", "c", "/etc/passwd")).ExitCode);
        await _host.OkAsync("exec", "-d", "c", "sh", "-c", "echo done >/tmp/done");
        await Eventually.GetAsync(async () => (await _host.RunAsync("exec", "c", "cat", "/tmp/done")).Output, output => output == "done\n");
        await _host.OkAsync("kill", "c");
        await _host.OkAsync("wait", "c");
        Assert.Contains("c", await _host.FailAsync("exec", "c", "true"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_passes_input_output_and_the_exit_code()
    {
        await _host.OkAsync("run", "-d", "-i", "--name", "c", "busybox", "sh", "-c", "read line; echo got $line; echo oops >&2; exit 4");
        var result = await _host.ShellAsync($"echo word | {_host.Line} attach c");
        Assert.Equal((4, "got word\n", "oops\n"), (result.ExitCode, result.Output, result.Error));
        Assert.Contains("start it: stasis start c", await _host.FailAsync("attach", "c"), StringComparison.Ordinal);
        Assert.Contains("\"ctrl-P\" is no key", await _host.FailAsync("attach", "--detach-keys", "ctrl-P", "c"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_passes_signals_on_or_not_and_no_input_where_none_is_wanted()
    {
        const string script = "trap 'exit 7' TERM; while :; do echo ready; sleep 0.05; done";
        const string seen = "until [ -s seen ]; do sleep 0.02; done; rm seen";
        await _host.OkAsync("run", "-d", "-i", "--name", "c", "busybox", "sh", "-c", script);
        await Eventually.GetAsync(() => _host.OkAsync("logs", "c"), output => output.StartsWith("ready", StringComparison.Ordinal));
        var own = await _host.ShellAsync($"{_host.Line} attach --sig-proxy=false --no-stdin c </dev/null >seen & {seen}; kill -TERM $!; wait $!");
        Assert.Equal(143, own.ExitCode);
        Assert.Equal("running", await StatusAsync());
        var passed = await _host.ShellAsync($"{_host.Line} attach --no-stdin c >seen & {seen}; kill -TERM $!; wait $!");
        Assert.Equal(7, passed.ExitCode);
    }

    [Fact]
    public async Task Top_shows_the_processes()
    {
        await _host.OkAsync("run", "-d", "--name", "c", "busybox", "sleep", "1234");
        Assert.Contains("sleep 1234", await _host.OkAsync("top", "c"), StringComparison.Ordinal);
        var lines = (await _host.OkAsync("top", "c", "pid", "args")).Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Matches(new Regex(@"sleep 1234\s*$"), lines[1]);
    }

    [Fact]
    public async Task Ps_lists_as_Podman_does()
    {
        await CounterAsync("running");
        await _host.RunAsync("run", "--name", "ended", "--label", "kind=test", "busybox", "sh", "-c", "exit 9");
        var table = await _host.OkAsync("ps", "-a");
        Assert.StartsWith("CONTAINER ID  IMAGE", table, StringComparison.Ordinal);
        Assert.Matches(@"Exited \(9\) (Less than a second|\d+ seconds?) ago", table);
        Assert.Matches(@"Up (Less than a second|\d+ seconds?)", table);
        using var json = JsonDocument.Parse(await _host.OkAsync("ps", "-a", "--format", "json"));
        Assert.Equal(2, json.RootElement.GetArrayLength());
        var ended = json.RootElement.EnumerateArray().Single(row => row.GetProperty("Names")[0].GetString() == "ended");
        Assert.Equal(("exited", 9, true), (ended.GetProperty("State").GetString(), ended.GetProperty("ExitCode").GetInt32(), ended.GetProperty("Exited").GetBoolean()));
        Assert.Equal("ended", await _host.OkAsync("ps", "-a", "--filter", "label=kind=test", "--format", "{{.Names}}"));
        Assert.Equal("ended", await _host.OkAsync("ps", "--last", "1", "--format", "{{.Names}}"));
        Assert.Matches("^[0-9a-f]{12}$", await _host.OkAsync("ps", "-q"));
        Assert.Matches("^[0-9a-f]{64}$", await _host.OkAsync("ps", "-q", "--no-trunc"));
    }

    [Fact]
    public async Task Two_at_once_do_not_get_in_each_others_way()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => _host.RunAsync("run", "--rm", "busybox", "sh", "-c", $"exit {i + 1}")));
        Assert.Equal([1, 2, 3, 4, 5, 6], runs.Select(run => run.ExitCode));
        await CounterAsync("c");
        var stops = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _host.RunAsync("stop", "-t", "0", "c")));
        Assert.All(stops, stop => Assert.Equal(0, stop.ExitCode));
    }

    private Task<string> StatusAsync() => _host.InspectAsync("c", "{{.State.Status}}");

    private async Task CounterAsync(string name)
    {
        await _host.OkAsync("run", "-d", "--name", name, "busybox", "sh", "-c", "i=0; while :; do echo $((i+=1)); sleep 0.05; done");
        await Eventually.GetAsync(() => _host.OkAsync("logs", name), output => output.Length > 0);
    }
}
