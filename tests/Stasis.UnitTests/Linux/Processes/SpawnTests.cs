using Microsoft.Win32.SafeHandles;
using Stasis.Linux;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Linux.Processes;

public sealed class SpawnTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<ProgramResult> Shell(string script, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        Spawn.RunAsync(new SpawnOptions { Program = "sh", Arguments = ["-c", script] }, timeout, cancellation);

    [Fact]
    public async Task Output_and_exit_code_are_captured()
    {
        var result = await Shell("echo out; echo err >&2; exit 3", cancellation: Token);
        Assert.Equal(new ProgramResult(3, "out\n", "err\n"), result);
    }

    [Fact]
    public async Task Much_output_on_both_streams_does_not_block()
    {
        var result = await Shell("head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2", cancellation: Token);
        Assert.Equal((300000, 200000), (result.Output.Length, result.Error.Length));
    }

    [Fact]
    public async Task Death_by_signal_is_128_and_the_signal() =>
        Assert.Equal(128 + 15, (await Shell("kill -TERM $$", cancellation: Token)).ExitCode);

    [Fact]
    public async Task A_child_has_no_descriptor_but_its_own()
    {
        var (read, write) = Pipe.Create();
        using (read)
        using (write)
        {
            var result = await Spawn.RunAsync(
                new SpawnOptions
                {
                    Program = "ls",
                    Arguments = ["-l", "/proc/self/fd"],
                    Descriptors = new Dictionary<int, SafeFileHandle> { [5] = read },
                },
                null,
                Token);
            var numbers = result.Output.Split('\n').Where(l => l.Contains("->")).Select(l => l.Split(" -> ")[0].Split(' ')[^1]).ToArray();
            Assert.Equal(["0", "1", "2", "3", "5"], numbers); // 3 is ls' own
            Assert.Contains("0 -> /dev/null", result.Output);
        }
    }

    [Fact]
    public async Task Descriptors_can_change_places()
    {
        var (r1, w1) = Pipe.Create();
        var (r2, w2) = Pipe.Create();
        // Whatever numbers these have, each is given the other's.
        var (a, b) = ((int)w1.DangerousGetHandle(), (int)w2.DangerousGetHandle());
        var result = await Spawn.RunAsync(
            new SpawnOptions
            {
                Program = "sh",
                Arguments = ["-c", $"echo one >/proc/self/fd/{b}; echo two >/proc/self/fd/{a}"],
                Descriptors = new Dictionary<int, SafeFileHandle> { [a] = w2, [b] = w1 },
            },
            null,
            Token);
        w1.Dispose();
        w2.Dispose();
        Assert.Equal("", result.Error);
        Assert.Equal("one\n", new StreamReader(new FileStream(r1, FileAccess.Read)).ReadToEnd());
        Assert.Equal("two\n", new StreamReader(new FileStream(r2, FileAccess.Read)).ReadToEnd());
    }

    [Fact]
    public async Task Signals_start_unblocked_with_default_actions()
    {
        var options = new SpawnOptions { Program = "grep", Arguments = ["^Sig[BI]", "/proc/self/status"] };
        var result = await Spawn.RunAsync(options, null, Token);
        foreach (var line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.EndsWith("0000000000000000", line);
        Assert.Equal(2, result.Output.Count(c => c == '\n'));
    }

    [Fact]
    public async Task Environment_and_folder_are_the_given_ones()
    {
        var options = new SpawnOptions
        {
            Program = "sh",
            Arguments = ["-c", "pwd; echo $A; env | wc -l"],
            Environment = ["A=ü", "PATH=/usr/bin:/bin"],
            WorkingDirectory = "/usr",
        };
        var lines = (await Spawn.RunAsync(options, null, Token)).Output.Split('\n');
        Assert.Equal("/usr", lines[0]);
        Assert.Equal("ü", lines[1]);
    }

    [Fact]
    public void A_missing_program_is_named()
    {
        var error = Assert.Throws<LinuxException>(() => Spawn.Start(new SpawnOptions { Program = "no-such-program" }));
        Assert.Equal((Errno.ENOENT, "no-such-program"), (error.Errno, error.Path));
    }

    [Fact]
    public void A_folder_that_is_missing_is_named() =>
        Assert.Equal(
            "/no/such",
            Assert.Throws<LinuxException>(() => Spawn.Start(new SpawnOptions { Program = "true", WorkingDirectory = "/no/such" })).Path);

    [Fact]
    public async Task A_timeout_kills_the_whole_group()
    {
        var (read, write) = Pipe.Create();
        using (read)
        {
            var options = new SpawnOptions
            {
                Program = "sh",
                Arguments = ["-c", "sleep 100 & sleep 100"],
                Descriptors = new Dictionary<int, SafeFileHandle> { [5] = write },
            };
            await Assert.ThrowsAsync<TimeoutException>(() => Spawn.RunAsync(options, TimeSpan.FromMilliseconds(100), Token));
            write.Dispose();
            Assert.Equal(-1, new FileStream(read, FileAccess.Read).ReadByte()); // ends only when nobody has the other end
        }
    }

    [Fact]
    public async Task Cancelling_kills_and_does_not_wait_for_descendants()
    {
        using var source = new CancellationTokenSource();
        using var folder = new TempDirectory();
        var pids = Path.Combine(folder.Path, "pids");
        // The first is of the child's group, the second has left it and keeps the pipes open.
        var running = Shell($"setsid sleep 1000 & echo $$ $! >{pids}.part; mv {pids}.part {pids}; sleep 1000", cancellation: source.Token);
        await Eventually.FileAsync(pids);
        var numbers = File.ReadAllText(pids).Split(' ').Select(int.Parse).ToArray();
        var (child, daemon) = (numbers[0], numbers[1]);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.EndsAsync(running));
        Assert.Null(PidFd.Open(child));
        using var left = PidFd.Open(daemon);
        Assert.True(left?.Signal(Signals.Kill));
    }

    [Fact]
    public async Task A_daemon_that_keeps_the_pipe_is_not_waited_for()
    {
        var result = await Eventually.EndsAsync(Shell("setsid sleep 1000 & echo $!", cancellation: Token));
        using var daemon = PidFd.Open(int.Parse(result.Output));
        Assert.True(daemon?.Signal(Signals.Kill));
    }

    [Fact]
    public async Task Waiting_can_be_called_off_and_taken_up_again()
    {
        using var child = Spawn.Start(new SpawnOptions { Program = "sleep", Arguments = ["100"] });
        using var source = new CancellationTokenSource();
        var waiting = child.WaitAsync(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        child.Signal(Signals.Kill);
        Assert.Equal(137, await child.WaitAsync(Token));
        Assert.Equal(137, await child.WaitAsync(Token));
        child.Signal(Signals.Kill); // harmless now
    }

    [Fact]
    public void Programs_are_found_as_a_shell_finds_them()
    {
        Assert.Equal("/bin/sh", ExecutablePath.Find("sh", "/nowhere:/bin"));
        Assert.Equal("/bin/sh", ExecutablePath.Find("/bin/sh"));
        Assert.Null(ExecutablePath.Find("sh", "/nowhere"));
        Assert.Null(ExecutablePath.Find("/etc/passwd"));
        Assert.Null(ExecutablePath.Find("/etc"));
    }
}
