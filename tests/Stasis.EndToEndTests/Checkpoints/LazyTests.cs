using System.Globalization;
using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>Memory on demand: a program that runs before its memory is there finds every byte of it, whatever it does meanwhile.</summary>
public sealed class LazyTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("archive.tar");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync("lazy", "lazy");

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task All_of_512_MiB_is_found_with_fork_discard_move_and_unmap_meanwhile()
    {
        await CheckpointAsync(LongForm.IsAsked ? "512" : "128");
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy", "--lazy");
        await WholeAsync("copy");
        await LoadedAsync("copy");
        // What touches the same memory again has it sooner: the order of the first touches is kept.
        Assert.NotEmpty(Directory.GetFiles(_host.Root, "page-order", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Twenty_copies_at_once_find_all_of_theirs()
    {
        // 512 MiB each, of which children inherit 64, as long as those live in as many processes more.
        Assert.SkipWhen(LongForm.IsAsked && AvailableMemory() < 16L << 30, "20 copies of 512 MiB need 16 GiB of memory that is free");
        await (LongForm.IsAsked ? CheckpointAsync("512", "448") : CheckpointAsync("64", "48"));
        var names = Enumerable.Range(1, 20).Select(number => $"copy-{number}").ToList();
        var restores =
            await Task.WhenAll(names.Select(name => _host.RunAsync("container", "restore", "-i", Archive, "-n", name, "--lazy")));
        Assert.All(restores, restore => Assert.True(restore.ExitCode == 0, restore.Error));
        foreach (var name in names)
            await WholeAsync(name);
    }

    [Fact]
    public async Task While_pages_are_outstanding_it_says_so_and_is_not_checkpointed()
    {
        await CheckpointAsync("64", "idle");
        using var paused = await RestorePausedAsync("copy");
        var left = long.Parse(await _host.InspectAsync("copy", "{{.State.LazyPages.Outstanding}}"), CultureInfo.InvariantCulture);
        Assert.InRange(left, 32L << 20, 65L << 20);
        Assert.Matches("^[0-9.]+ ?[kM]?B of [0-9.]+ ?MB$", await _host.InspectAsync("copy", "{{.State.LazyPages.Progress}}"));
        Assert.Contains("aren't there yet", await _host.FailAsync("container", "checkpoint", "-e", _host.PathOf("refused.tar"), "copy"),
            StringComparison.Ordinal);
        Assert.False(File.Exists(_host.PathOf("refused.tar")));

        paused.GoOn();
        await LoadedAsync("copy");
        await _host.OkAsync("container", "checkpoint", "-e", _host.PathOf("again.tar"), "copy");
        await _host.OkAsync("rm", "copy");
        await _host.OkAsync("container", "restore", "-i", _host.PathOf("again.tar"), "-n", "third", "--lazy");
        await SeesAsync("third", "alive");
    }

    [Fact]
    public async Task Container_is_stopped_and_removed_while_pages_are_outstanding()
    {
        await CheckpointAsync("64", "idle");
        using var paused = await RestorePausedAsync("copy");
        await _host.OkAsync("stop", "-t", "0", "copy");
        Assert.Equal("exited 137", await _host.InspectAsync("copy", "{{.State.Status}} {{.State.ExitCode}}"));
        await _host.OkAsync("rm", "copy");
    }

    [Theory]
    [InlineData("server")]
    [InlineData("both")]
    public async Task When_the_page_server_is_killed_the_container_is_killed_and_the_reason_told(string killed)
    {
        await CheckpointAsync("64", "idle");
        using var paused = await RestorePausedAsync("copy");
        var keeper = int.Parse(File.ReadAllText($"/proc/{paused.Server}/task/{paused.Server}/children").Trim(),
            CultureInfo.InvariantCulture);
        if (killed == "both")
        {
            // First held still, so that neither acts on the other's end.
            Kill(keeper, 19);
            Kill(paused.Server, 9);
            Kill(keeper, 9);
        }
        else
        {
            Kill(paused.Server, 9);
        }
        await Eventually.GetAsync(() => _host.InspectAsync("copy", "{{.State.Status}} {{.State.ExitCode}}"),
            state => state == "exited 137");
        // The end of the container is recorded by conmon's exit command, the reason by what is left of the page server.
        await Eventually.GetAsync(
            () => _host.InspectAsync("copy", "{{.State.Error}}"),
            error => error.Contains(
                "its memory could no longer be supplied on demand, so it was killed: the page server", StringComparison.Ordinal));
        var logs = await _host.RunAsync("logs", "copy");
        Assert.Contains("its memory could no longer be supplied", logs.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("WRONG", logs.Output, StringComparison.Ordinal);
        await Eventually.GetAsync(() => _host.OkAsync("ps", "-q"),
            _ => Directory.GetFiles(Path.Combine(_host.RunRoot, "pages"), "control", SearchOption.AllDirectories) is []);
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "another", "--lazy");
        await SeesAsync("another", "alive");
    }

    [Fact]
    public async Task A_second_process_that_is_killed_is_replaced()
    {
        await CheckpointAsync("64", "idle");
        using var paused = await RestorePausedAsync("copy");
        var children = $"/proc/{paused.Server}/task/{paused.Server}/children";
        var keeper = File.ReadAllText(children).Trim();
        Kill(int.Parse(keeper, CultureInfo.InvariantCulture), 9);
        await Eventually.GetAsync(() => Task.FromResult(File.ReadAllText(children).Trim()), now => now.Length > 0 && now != keeper);
        paused.GoOn();
        await LoadedAsync("copy");
        Assert.Equal("running", await _host.InspectAsync("copy", "{{.State.Status}}"));
    }

    [Fact]
    public async Task In_place_too()
    {
        await StartAsync("64", []);
        await _host.OkAsync("container", "checkpoint", "original");
        await _host.OkAsync("container", "restore", "--lazy", "original");
        await WholeAsync("original");
        await LoadedAsync("original");
    }

    private async Task CheckpointAsync(string mebibytes, params string[] more)
    {
        await StartAsync(mebibytes, more);
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "-c", "none", "original");
        await _host.OkAsync("rm", "original");
    }

    private async Task StartAsync(string mebibytes, string[] more)
    {
        await _host.OkAsync(["run", "-d", "--name", "original", "lazy", "lazy", mebibytes, .. more]);
        await SeesAsync("original", "filled");
    }

    /// <summary>Restored, with a page server that supplies what is touched, and nothing else until it may go on.</summary>
    private async Task<Paused> RestorePausedAsync(string name)
    {
        var gate = _host.PathOf("gate");
        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);
        var restored = await _host.RunWithAsync(
            [$"STASIS_FAULT=pages.background=wait:{gate}"],
            "container",
            "restore",
            "-i",
            Archive,
            "-n",
            name,
            "--lazy");
        Assert.True(restored.ExitCode == 0, restored.Error);
        using var record =
            JsonDocument.Parse(await File.ReadAllTextAsync(
                Path.Combine(_host.RunRoot, "containers", restored.Output.Trim(), "lazy-pages.json"),
                    TestContext.Current.CancellationToken));
        return new Paused(gate, record.RootElement.GetProperty("Server").GetInt32());
    }

    private async Task WholeAsync(string name)
    {
        var log = await Eventually.GetAsync(() => _host.OkAsync("logs", name),
            lines => lines.Contains("whole", StringComparison.Ordinal) || lines.Contains("WRONG", StringComparison.Ordinal));
        Assert.DoesNotContain("WRONG", log, StringComparison.Ordinal);
    }

    private Task<string> SeesAsync(string name, string text) =>
        Eventually.GetAsync(() => _host.OkAsync("logs", name), log => log.Split('\n').Contains(text));

    private Task<string> LoadedAsync(string name) =>
        Eventually.GetAsync(() => _host.InspectAsync(name, "{{.State.Status}} {{.State.LazyPages}}"), state => state == "running <nil>");

    private static long AvailableMemory() =>
        long.Parse(
            File.ReadLines("/proc/meminfo")
                .First(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;

    private static void Kill(int pid, int signal)
    {
        using var process = PidFd.Open(pid);
        Assert.True(process?.Signal(signal));
    }

    private sealed record Paused(string Gate, int Server) : IDisposable
    {
        public void GoOn() => File.Delete(Gate);

        public void Dispose() => GoOn();
    }
}
