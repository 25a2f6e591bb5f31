using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary><c>run</c>, and what a container is made of.</summary>
public sealed class RunTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 42", 42)]
    [InlineData("kill -9 $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    public async Task In_the_foreground_the_exit_code_is_the_commands(string script, int expected)
    {
        var result = await _host.RunAsync("run", "--rm", "--init", "busybox", "sh", "-c", script);
        Assert.Equal((expected, ""), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("no-such-command", 127)]
    [InlineData("/etc/passwd", 126)]
    public async Task A_command_that_cannot_run_has_Podmans_exit_code_and_leaves_nothing(string command, int expected)
    {
        var result = await _host.RunAsync("run", "--rm", "busybox", command);
        Assert.Equal(expected, result.ExitCode);
        Assert.StartsWith("Error: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(command, result.Error, StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("ps", "-aq"));
    }

    [Fact]
    public async Task Output_and_errors_stay_apart()
    {
        var result = await _host.RunAsync("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; printf 'no line end'");
        Assert.Equal((0, "out\nno line end", "err\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task Everything_after_the_image_is_the_containers() =>
        Assert.Equal("-x --rm -v", await _host.OkAsync("run", "--rm", "busybox", "sh", "-c", "echo \"$@\"", "sh", "-x", "--rm", "-v"));

    [Fact]
    public async Task Options_may_be_written_in_every_way() =>
        Assert.Equal("A=1 B=2 C=3 /tmp",
            await _host.OkAsync(
                "run",
                "--rm=true",
                "-ie",
                "A=1",
                "-eB=2",
                "--env=C=3",
                "-w/tmp",
                "--name=x",
                "busybox",
                "sh",
                "-c",
                "echo A=$A B=$B C=$C $PWD"));

    [Fact]
    public async Task Standard_input_is_passed_on_with_i()
    {
        var file = _host.PathOf("input");
        await File.WriteAllTextAsync(file, "one\ntwo\n", TestContext.Current.CancellationToken);
        Assert.Equal("2", await ShellAsync($"run --rm -i busybox wc -l <{file}"));
        Assert.Equal("0", await ShellAsync($"run --rm busybox wc -l <{file}"));
    }

    [Fact]
    public async Task Rm_removes_and_without_it_the_container_stays()
    {
        await _host.OkAsync("run", "--rm", "--name", "gone", "busybox", "true");
        await _host.OkAsync("run", "--name", "stays", "busybox", "true");
        Assert.Equal("stays", await _host.OkAsync("ps", "-a", "--format", "{{.Names}}"));
    }

    [Fact]
    public async Task Detached_it_prints_its_ID_and_runs_on()
    {
        var id = await _host.OkAsync("run", "-d", "--rm", "busybox", "sleep", "1000");
        Assert.Matches("^[0-9a-f]{64}$", id);
        Assert.Equal("running", await _host.InspectAsync(id[..12], "{{.State.Status}}"));
        await _host.OkAsync("rm", "-f", "-t", "0", id);
    }

    [Fact]
    public async Task User_directory_and_environment_are_as_asked()
    {
        var script = "id -u; id -g; hostname; pwd; cat /etc/hostname; env | grep -c '^FROM_FILE=yes$'";
        await File.WriteAllTextAsync(_host.PathOf("env"), "# a comment\nFROM_FILE=yes\n", TestContext.Current.CancellationToken);
        var output = await _host.OkAsync(
            "run",
            "--rm",
            "-u",
            "nobody",
            "--hostname",
            "h1",
            "-w",
            "/var/tmp",
            "--env-file",
            _host.PathOf("env"),
            "busybox",
            "sh",
            "-c",
            script);
        Assert.Equal(["65534", "65534", "h1", "/var/tmp", "h1", "1"], output.Split('\n'));
    }

    [Fact]
    public async Task The_entrypoint_is_put_before_the_command_and_may_be_empty()
    {
        Assert.Equal("a b", await _host.OkAsync("run", "--rm", "--entrypoint", "echo", "busybox", "a", "b"));
        Assert.Equal("x y z", await _host.OkAsync("run", "--rm", "--entrypoint", """["echo","x"]""", "busybox", "y", "z"));
        Assert.Equal("c", await _host.OkAsync("run", "--rm", "--entrypoint", "", "busybox", "echo", "c"));
    }

    [Fact]
    public async Task A_read_only_root_and_what_may_be_written_to()
    {
        var script =
            "touch /x 2>/dev/null && echo root; touch /scratch/x && echo scratch; touch /dev/shm/x && echo shm; df /dev/shm | tail -1 | "
                + "tr -s ' ' | cut -d' ' -f2";
        Assert.Equal(["scratch", "shm", "2048"],
            (await _host.OkAsync(
                "run",
                "--rm",
                "--read-only",
                "--tmpfs",
                "/scratch",
                "--shm-size",
                "2m",
                "busybox",
                "sh",
                "-c",
                script)).Split('\n'));
    }

    [Fact]
    public async Task Binds_and_named_volumes()
    {
        var folder = Directory.CreateDirectory(_host.PathOf("shared")).FullName;
        await _host.OkAsync(
            "run",
            "--rm",
            "-v",
            $"{folder}:/shared",
            "-v",
            "data:/data",
            "busybox",
            "sh",
            "-c",
            "echo 1 >/shared/a; echo 2 >/data/b");
        Assert.Equal("1\n", await File.ReadAllTextAsync(Path.Combine(folder, "a"), TestContext.Current.CancellationToken));
        Assert.Equal("2",
            await _host.OkAsync("run", "--rm", "-v", "data:/data:ro", "busybox", "sh", "-c", "cat /data/b; ! touch /data/c 2>/dev/null"));
        Assert.Equal("data", await _host.OkAsync("volume", "ls", "-q"));
        Assert.Equal("data", await _host.OkAsync("volume", "rm", "data"));
    }

    [Fact]
    public async Task With_no_network_there_is_a_loopback_that_works()
    {
        // Each side ends when the other has nothing more to say, which may be before it has spoken itself: they try until it has.
        const string script =
            "ls /sys/class/net; while :; do echo hello | nc -l -p 4000; done & "
                + "until nc 127.0.0.1 4000 </dev/null 2>/dev/null | grep hello; do sleep 0.01; done";
        Assert.Equal(["lo", "hello"], (await _host.OkAsync("run", "--rm", "busybox", "sh", "-c", script)).Split('\n'));
    }

    [Fact]
    public async Task Container_is_confined_unless_privileged()
    {
        const string script =
            "grep -c '^CapEff:.00000' /proc/self/status; mount -t tmpfs tmpfs /tmp 2>/dev/null && echo mounted; cat /proc/self/status | "
                + "grep Seccomp: | tr -dc 0-9";
        Assert.Equal(["1", "2"], (await _host.OkAsync("run", "--rm", "busybox", "sh", "-c", script)).Split('\n'));
        Assert.Contains("mounted", await _host.OkAsync("run", "--rm", "--privileged", "busybox", "sh", "-c", script),
            StringComparison.Ordinal);
        Assert.DoesNotContain("chown", await CapabilitiesAsync("--cap-drop", "all"), StringComparison.Ordinal);
        Assert.Contains("CAP_SYS_TIME", await CapabilitiesAsync("--cap-add", "sys_time"), StringComparison.Ordinal);
        Assert.Equal("[]", await CapabilitiesAsync("--cap-drop", "ALL"));
    }

    [Fact]
    public async Task Limits_are_those_of_its_cgroup()
    {
        var id = await _host.OkAsync("create", "--memory", "64m", "--cpus", "0.5", "--pids-limit", "50", "busybox", "true");
        Assert.Equal("67108864 500000000 50",
            await _host.InspectAsync(id, "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}"));
        var result = await _host.RunAsync(
            "run",
            "--rm",
            "--pids-limit",
            "10",
            "busybox",
            "sh",
            "-c",
            "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1 & done; wait");
        Assert.Contains("fork", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_is_one()
    {
        var result = await _host.RunAsync("run", "--rm", "-t", "busybox", "sh", "-c", "test -t 0 && test -t 1 && tty");
        Assert.Equal((0, "/dev/pts/0\r\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task A_signal_to_stasis_reaches_the_container()
    {
        using var running = _host.Start(
            [],
            "run",
            "--name",
            "trap",
            "busybox",
            "sh",
            "-c",
            "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done");
        await Eventually.GetAsync(async () => (await _host.RunAsync("logs", "trap")).Output, output => output == "ready\n");
        running.Signal(Signals.Term);
        Assert.Equal(7, await running.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal("7", await _host.InspectAsync("trap", "{{.State.ExitCode}}"));
    }

    [Fact]
    public async Task A_missing_image_is_the_error_and_nothing_is_made()
    {
        var error = await _host.FailAsync("run", "localhost/no-such-image", "true");
        Assert.Contains("no-such-image", error, StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("ps", "-aq"));
    }

    [Fact]
    public async Task A_name_can_be_had_once()
    {
        await _host.OkAsync("create", "--name", "one", "busybox", "true");
        Assert.Contains("one", await _host.FailAsync("create", "--name", "one", "busybox", "true"), StringComparison.Ordinal);
        Assert.Equal("one", await _host.OkAsync("ps", "-a", "--format", "{{.Names}}"));
    }

    [Fact]
    public async Task Inspect_has_Podmans_shape()
    {
        var id = await _host.OkAsync(
            "run",
            "-d",
            "--name",
            "c",
            "--label",
            "a=b",
            "-e",
            "X=Y",
            "-v",
            "data:/data",
            "busybox",
            "sleep",
            "1000");
        using var json = JsonDocument.Parse(await _host.OkAsync("inspect", "c"));
        var container = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal((id, "c", "sleep"),
            (container.GetProperty("Id").GetString(), container.GetProperty("Name").GetString(),
                container.GetProperty("Path").GetString()));
        Assert.Equal(["1000"], container.GetProperty("Args").EnumerateArray().Select(arg => arg.GetString()));
        var state = container.GetProperty("State");
        Assert.Equal(("running", true, false),
            (state.GetProperty("Status").GetString(), state.GetProperty("Running").GetBoolean(), state.GetProperty("Paused").GetBoolean()));
        Assert.True(Directory.Exists($"/proc/{state.GetProperty("Pid").GetInt32()}"));
        Assert.Equal("b", container.GetProperty("Config").GetProperty("Labels").GetProperty("a").GetString());
        Assert.Contains("X=Y",
            container.GetProperty("Config").GetProperty("Env").EnumerateArray().Select(variable => variable.GetString()));
        Assert.Equal("localhost/busybox:latest", container.GetProperty("ImageName").GetString());
        var mount = Assert.Single(container.GetProperty("Mounts").EnumerateArray());
        Assert.Equal(("volume", "data", "/data"),
            (mount.GetProperty("Type").GetString(), mount.GetProperty("Name").GetString(), mount.GetProperty("Destination").GetString()));
    }

    private Task<string> CapabilitiesAsync(params string[] options) => InspectNewAsync("{{.EffectiveCaps}}", options);

    private async Task<string> InspectNewAsync(string template, params string[] options) =>
        await _host.InspectAsync(await _host.OkAsync(["create", .. options, "busybox", "true"]), template);

    // With the shell's redirections.
    private async Task<string> ShellAsync(string command)
    {
        var result = await Spawn.RunAsync(
            new SpawnOptions
            {
                Program = "sh",
                Arguments = ["-c", $"{StasisHost.Binary} --root {_host.Root} --runroot {_host.RunRoot} {command}"]
            }, StasisHost.TimeLimit, TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output.Trim();
    }
}
