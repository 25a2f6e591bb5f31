using System.Collections;
using Stasis.EndToEndTests.Harness;
using Stasis.EndToEndTests.Packaging;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary>A program made of the packages alone (tests/Consumer), which has the installed command run what outlives it.</summary>
public sealed class LibraryTests : IAsyncLifetime
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(10);
    private static readonly string[] Projects = ["Stasis.Linux", "Stasis.Engine", "Stasis.Extensions.DependencyInjection"];

    private readonly StasisHost _host = new();

    private static string GlobalPackages { get; } = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");

    private string Consumer => _host.PathOf("consumer");

    public async ValueTask InitializeAsync()
    {
        await _host.ImportBusyboxAsync();
        await PackAsync();
        await BuildConsumerAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_sample_checkpoints_restores_and_clones()
    {
        const string Count = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done";
        await _host.OkAsync("run", "-d", "--name", "counter", "busybox", "sh", "-c", Count);

        var run = await ConsumerAsync(StasisHost.Binary);

        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        var made = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]);
        Assert.Equal(["copy", "counter-1", "counter-2"], made);
        var running = (await _host.OkAsync("ps", "--format", "{{.Names}}")).Split('\n').Order(StringComparer.Ordinal);
        Assert.Equal(["copy", "counter", "counter-1", "counter-2"], running);
        // The exit command is the installed stasis: without it, nobody records the exit code.
        await _host.OkAsync("kill", "copy");
        Assert.Equal("137", await _host.OkAsync("wait", "copy"));
        await Eventually.GetAsync(() => _host.InspectAsync("copy", "{{.State.Status}}"), status => status == "exited");
    }

    [Fact]
    public async Task Without_an_installed_command_nothing_is_made()
    {
        await _host.OkAsync("run", "-d", "--name", "counter", "busybox", "sleep", "1000");

        var run = await ConsumerAsync("/bin/true");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("/bin/true: `/bin/true version` printed \"\"", run.Error, StringComparison.Ordinal);
        Assert.Equal("running", await _host.InspectAsync("counter", "{{.State.Status}}"));
        Assert.False(File.Exists(_host.PathOf("counter.tar.zst")));
    }

    private async Task PackAsync()
    {
        foreach (var project in Projects)
            await DotnetAsync(
                RepositoryScript.Repository,
                "pack",
                $"src/{project}",
                "-c",
                "Release",
                "--no-build",
                "-o",
                _host.PathOf("packages"));
    }

    // The packages that the library depends on are where restoring the repository has put them. The program has a package cache of its
    // own, so that ours come from the folder.
    private async Task BuildConsumerAsync()
    {
        Directory.CreateDirectory(Consumer);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(RepositoryScript.Repository, "tests/Consumer")))
            File.Copy(file, Path.Combine(Consumer, Path.GetFileName(file)));
        string[] sources = ["--source", _host.PathOf("packages"), "--source", GlobalPackages];
        await DotnetAsync(Consumer, ["restore", .. sources, "--packages", _host.PathOf("cache"), "-p:NuGetAudit=false"]);
        await DotnetAsync(Consumer, "build", "--no-restore", "-o", _host.PathOf("program"));
    }

    private Task<ProgramResult> ConsumerAsync(string command) => Spawn.RunAsync(
        new SpawnOptions
        {
            Program = "dotnet",
            Arguments = [_host.PathOf("program/Consumer.dll"), _host.Root, _host.RunRoot, _host.Folder],
            Environment = Variables($"STASIS_COMMAND={command}"),
        },
        StasisHost.TimeLimit,
        TestContext.Current.CancellationToken);

    private static async Task DotnetAsync(string folder, params string[] arguments)
    {
        var options = new SpawnOptions
        {
            Program = "dotnet",
            Arguments = arguments,
            WorkingDirectory = folder,
            // No server may outlive the test.
            Environment = Variables("MSBUILDDISABLENODEREUSE=1", "UseSharedCompilation=false", "DOTNET_CLI_TELEMETRY_OPTOUT=1"),
        };
        var result = await Spawn.RunAsync(options, BuildLimit, TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {result.Output}{result.Error}");
    }

    private static IReadOnlyList<string> Variables(params string[] added) =>
        [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => $"{v.Key}={v.Value}"), .. added];
}
