using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.RuntimeCommand;

/// <summary>What stasis-runtime hands to another runtime: that gets what stasis-runtime was started with.</summary>
public sealed class PassThroughTests : IDisposable
{
    // Ignores, blocks and limits something first; perl's exec keeps that.
    private const string Caller = """
        use POSIX;
        $SIG{HUP} = 'IGNORE'; $SIG{USR1} = 'IGNORE';
        my $set = POSIX::SigSet->new(SIGUSR2, SIGTTOU); sigprocmask(SIG_BLOCK, $set);
        open(my $file, '<', '/etc/passwd'); fcntl($file, 2, 0); POSIX::dup2(fileno($file), 9);
        exec(@ARGV);
        """;

    // What a runtime is given.
    private const string Runtime = """
        #!/bin/sh
        printf '%s|' "$0" "$@"; echo
        pwd
        env | grep -v '^_=' | sort
        grep -E '^Sig(Blk|Ign)|^ShdPnd' /proc/self/status
        grep -E 'open files|stack' /proc/self/limits
        ls -l /proc/$$/fd | sed 's/.* \([0-9]* -> \)/\1/' | grep -v ' /proc/'
        """;

    private readonly string _home = Directory.CreateDirectory($"/var/tmp/stasis-test-{Guid.NewGuid():N}").FullName;

    public void Dispose() => FileTree.Remove(_home);

    [Fact]
    public async Task The_runtime_gets_all_of_it()
    {
        var runtime = MakeRuntime(Runtime);
        var link = MakeLink();

        var direct = await RunAsync(runtime, runtime);
        var passed = await RunAsync(runtime, link);

        Assert.Contains("|--log|/x/\u00e4|state|ID|", direct, StringComparison.Ordinal);
        Assert.Contains("9 -> /etc/passwd", direct, StringComparison.Ordinal);
        Assert.Equal(direct, passed);
    }

    [Fact]
    public async Task A_runtime_that_is_not_there_or_is_stasis_itself_is_one_line()
    {
        var (link, log) = (MakeLink(), Path.Combine(_home, "log"));
        foreach (var (runtime, why) in ((string, string)[])[("/nowhere/runc", "exec /nowhere/runc"), (link, "is stasis-runtime itself")])
        {
            var failed = await Spawn.RunAsync(
                new SpawnOptions
                {
                    Program = link,
                    Arguments = ["--log", log, "--log-format", "json", "state", "ID"],
                    Environment = [$"STASIS_RUNTIME={runtime}", "PATH=/usr/bin:/bin"],
                },
                TimeSpan.FromSeconds(30),
                TestEngine.Cancellation);

            Assert.Equal(1, failed.ExitCode);
            Assert.Single(failed.Error.TrimEnd().Split('\n'));
            Assert.Contains(why, failed.Error, StringComparison.Ordinal);
            var last = (await File.ReadAllLinesAsync(log, TestEngine.Cancellation))[^1];
            Assert.StartsWith("{\"level\":\"error\",\"msg\":\"", last, StringComparison.Ordinal);
            Assert.Contains(why, last, StringComparison.Ordinal);
        }
    }

    private static async Task<string> RunAsync(string runtime, string program)
    {
        var result = await Spawn.RunAsync(
            new SpawnOptions
            {
                Program = "/usr/bin/perl",
                Arguments = ["-e", Caller, program, "--log", "/x/\u00e4", "state", "ID"],
                Environment = [$"STASIS_RUNTIME={runtime}", "PATH=/usr/bin:/bin", "ODD=a b\tc"],
                WorkingDirectory = "/var",
            },
            TimeSpan.FromSeconds(30),
            TestEngine.Cancellation);
        Assert.Equal(0, result.ExitCode);
        // The pipes have other numbers each time.
        return string.Join('\n', result.Output.Split('\n').Where(line => !line.Contains("pipe:", StringComparison.Ordinal)));
    }

    private string MakeRuntime(string script)
    {
        var path = Path.Combine(_home, "runtime");
        AtomicFile.Write(path, System.Text.Encoding.UTF8.GetBytes(script), mode: 0x1ED /* 0755 */, durable: false);
        return path;
    }

    private string MakeLink()
    {
        var link = Path.Combine(_home, "stasis-runtime");
        if (!Path.Exists(link))
            File.CreateSymbolicLink(link, TestEngine.Command);
        return link;
    }
}
