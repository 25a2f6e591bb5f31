using System.Text;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.Containers;

/// <summary>exec and attached run, through the command itself, since they are about its own stdio.</summary>
public sealed class ExecTests : IAsyncLifetime
{
    private readonly TestEngine _test = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Exec_gives_output_errors_and_exit_code()
    {
        await StartAsync("sleep 60");

        var result = await _test.CommandAsync(null, "exec", "one", "sh", "-c", "echo out; echo err >&2; exit 5");

        Assert.Equal((5, "out\n", "err\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task Exec_passes_standard_input_to_its_end()
    {
        await StartAsync("sleep 60");
        var text = string.Concat(Enumerable.Range(0, 20000).Select(i => $"line {i}\n"));

        var result = await RunWithInputAsync(text, "exec", "-i", "one", "cat");

        Assert.Equal((0, text), (result.ExitCode, result.Output));
    }

    [Theory]
    [InlineData("no-such", 127, "executable file not found in $PATH")]
    [InlineData("/etc/passwd", 126, "permission denied")]
    public async Task Exec_of_what_cannot_run(string command, int code, string words)
    {
        await StartAsync("sleep 60");

        var result = await _test.CommandAsync(null, "exec", "one", command);

        Assert.Equal(code, result.ExitCode);
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_has_the_user_folder_and_variables_asked_for()
    {
        await StartAsync("sleep 60");

        var result = await _test.CommandAsync(
            null,
            "exec",
            "-u",
            "anna",
            "-w",
            "/tmp",
            "-e",
            "A=b",
            "one",
            "sh",
            "-c",
            "id -u; pwd; echo $A $HOME; grep CapEff /proc/self/status");

        Assert.Equal("1000\n/tmp\nb /home/anna\nCapEff:\t0000000000000000\n", result.Output);
    }

    [Fact]
    public async Task Detached_exec_returns_and_goes_on()
    {
        await StartAsync("sleep 60");

        var result = await _test.CommandAsync(null, "exec", "-d", "one", "sh", "-c", "sleep 0.3; echo done > /tmp/done; sleep 60");

        Assert.Equal(0, result.ExitCode);
        await TestEngine.UntilAsync(
            () => File.Exists(Path.Combine(_test.Engine.Layout.Container(_test.Containers.Get("one").Id).Merged, "tmp/done")),
                "the detached command");
    }

    [Fact]
    public async Task Signals_reach_the_exec()
    {
        await StartAsync("sleep 60");
        using var exec = Start("exec", "one", "sh", "-c", "trap 'echo got; exit 9' USR1; touch /tmp/ready; while :; do sleep 0.05; done");
        await TestEngine.UntilAsync(
            () => File.Exists(Path.Combine(_test.Engine.Layout.Container(_test.Containers.Get("one").Id).Merged, "tmp/ready")), "the exec");

        exec.Signal(10);

        Assert.Equal(9, await exec.WaitAsync(TestEngine.Cancellation));
    }

    [Fact]
    public async Task Attached_start_streams_and_gives_the_exit_code()
    {
        await _test.CreateAsync("one", "echo out; echo err >&2; exit 4", null);

        var result = await _test.CommandAsync(null, "start", "-a", "one");

        Assert.Equal((4, "out\n", "err\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task Attached_start_of_a_container_that_removes_itself_gives_its_exit_code()
    {
        for (var i = 0; i < 5; i++)
        {
            await _test.CreateAsync($"one{i}", "exit 6", options => options with { AutoRemove = true });
            Assert.Equal(6, (await _test.CommandAsync(null, "start", "-a", $"one{i}")).ExitCode);
        }
    }

    [Fact]
    public async Task Attached_input_reaches_the_container_and_ends()
    {
        await _test.CreateAsync("one", "cat; echo end", options => options with { Interactive = true });

        var result = await RunWithInputAsync("hello\n", "start", "-ai", "one");

        Assert.Equal((0, "hello\nend\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task Terminal_is_one_and_has_a_size()
    {
        await StartAsync("sleep 60");

        // No terminal of our own: the command has one all the same.
        var result = await _test.CommandAsync(null, "exec", "-t", "one", "sh", "-c", "test -t 0 && test -t 1 && tty");

        Assert.Equal("/dev/pts/0\r\n", result.Output);
    }

    private async Task StartAsync(string script)
    {
        await _test.CreateAsync("one", script, null);
        await _test.Containers.StartAsync("one", TestEngine.Cancellation);
    }

    private ChildProcess Start(params string[] arguments) => Spawn.Start(new SpawnOptions
    {
        Program = TestEngine.Command,
        Arguments = ["--root", _test.Engine.Layout.Root, "--runroot", _test.Engine.Layout.RunRoot, .. arguments],
    });

    private async Task<(int ExitCode, string Output)> RunWithInputAsync(string input, params string[] arguments)
    {
        var (stdin, stdout) = (Pipe.Create(), Pipe.Create());
        using var child = Spawn.Start(new SpawnOptions
        {
            Program = TestEngine.Command,
            Arguments = ["--root", _test.Engine.Layout.Root, "--runroot", _test.Engine.Layout.RunRoot, .. arguments],
            Descriptors = new Dictionary<int, Microsoft.Win32.SafeHandles.SafeFileHandle> { [0] = stdin.Read, [1] = stdout.Write },
        });
        stdin.Read.Dispose();
        stdout.Write.Dispose();
        using var reader = new StreamReader(new FileStream(stdout.Read, FileAccess.Read));
        var output = Task.Run(reader.ReadToEnd);
        await using (var writer = new FileStream(stdin.Write, FileAccess.Write))
            await writer.WriteAsync(Encoding.UTF8.GetBytes(input), TestEngine.Cancellation);
        return (await child.WaitAsync(TestEngine.Cancellation), await output);
    }
}
