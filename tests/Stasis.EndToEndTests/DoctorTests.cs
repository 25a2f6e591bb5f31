using System.Globalization;
using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary>What tells of the machine and the command itself.</summary>
public sealed class DoctorTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Where_the_other_tests_can_run_it_says_yes()
    {
        var output = await _host.OkAsync("doctor");
        Assert.Contains("Containers can be checkpointed and restored here", output, StringComparison.Ordinal);
        Assert.Matches(@"dumped in \d+ ms, restored in \d+ ms", output);
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Theory]
    [InlineData("echo 'Version: 4.2.1'; exit 1", "could not be started")]
    [InlineData(
        "if [ $1 = --version ]; then echo Version: 4.2.1; else echo '(00.1) Error (criu/x.c:1): it is broken' >\"${6}/dump.log\"; exit 1; fi", "it is broken")]
    [InlineData("if [ $1 = --version ]; then echo Version: 4.2.1; else sleep 1000; fi", "did not end within")]
    [InlineData("echo Version: 2.0", "is needed")]
    public async Task A_CRIU_that_does_not_work_is_found_out(string script, string problem)
    {
        var criu = _host.PathOf("criu");
        await File.WriteAllTextAsync(criu, $"#!/bin/sh\n{script}\n", TestContext.Current.CancellationToken);
        await Stasis.Linux.Processes.Spawn.RunAsync(new() { Program = "chmod", Arguments = ["755", criu] }, StasisHost.TimeLimit,
            TestContext.Current.CancellationToken);
        var result = await _host.RunWithAsync([$"STASIS_CRIU={criu}"], "doctor");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(problem, string.Join(' ', result.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
        Assert.Contains("can't be checkpointed", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_runtime_that_is_not_there_is_missing()
    {
        var result = await _host.RunAsync("--runtime", "no-such-runtime", "doctor", "--prove=false");
        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"FAIL  no-such-runtime", result.Output);
    }

    [Fact]
    public async Task Info_is_JSON()
    {
        using var json = JsonDocument.Parse(await _host.OkAsync("info", "--format", "json"));
        Assert.Equal(_host.Root, json.RootElement.GetProperty("Store").GetProperty("Root").GetString());
        var criu = json.RootElement
            .GetProperty("Host")
            .GetProperty("Parts")
            .EnumerateArray()
            .Single(part => part.GetProperty("Name").GetString() == "criu");
        Assert.True(criu.GetProperty("Sufficient").GetBoolean());
        Assert.Matches(@"^\d+\.\d+", criu.GetProperty("Version").GetString());
    }

    [Fact]
    public async Task The_version_comes_at_once()
    {
        Assert.Matches(@"^stasis version \d+\.\d+\.\d+$", await _host.OkAsync("version"));
        // The bench has the figure. Its start is page faults, most of all, which are the same on a busy machine: there are fewer than with
        // a command tree.
        var (version, help) = (await PageFaultsAsync("version"), await PageFaultsAsync("--help"));
        Assert.True(version * 5 < help * 4, $"{version} page faults, and {help} with a command tree");
    }

    // Of a shell's child (proc_pid_stat(5), field 11).
    private async Task<int> PageFaultsAsync(string arguments)
    {
        var result =
            await _host.ShellAsync(
                $"{StasisHost.Binary} {arguments} >/dev/null; read -r line </proc/$$/stat; set -- ${{line##*) }}; echo $9");
        return int.Parse(result.Output, CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("container nonsense")]
    [InlineData("run --nonsense")]
    [InlineData("container checkpoint")]
    [InlineData("container checkpoint --compress zstd x")]
    [InlineData("container restore --import a.tar x")]
    [InlineData("ps --format {{.Nope}} -a --filter nope=1")]
    [InlineData("logs --since yesterday x")]
    public async Task A_wrong_command_line_points_to_the_help(string line)
    {
        var error = await _host.FailAsync(line.Split(' '));
        Assert.Contains("--help'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inspect", "no-such")]
    [InlineData("container checkpoint", "no-such")]
    [InlineData("container restore --name y", "no-such")]
    [InlineData("logs", "no-such")]
    public async Task Missing_dependency_is_named(string command, string name) =>
        Assert.Contains(name, await _host.FailAsync([.. command.Split(' '), name]), StringComparison.Ordinal);
}
