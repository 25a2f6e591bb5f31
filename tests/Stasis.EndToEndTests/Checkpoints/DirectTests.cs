using System.Globalization;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>
/// A first copy that runs straight out of an archive of this host: its memory is read out of that on demand, and into the store beside it.
/// </summary>
public sealed class DirectTests : IAsyncLifetime
{
    private const int Killed = 128 + 9;

    private readonly StasisHost _host = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Archive => _host.PathOf("archive");

    private string Gate => _host.PathOf("gate");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync("lazy", "lazy");

    public async ValueTask DisposeAsync()
    {
        File.Delete(Gate);
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("zstd", "96")]
    [InlineData("none", "64")]
    public async Task All_memory_is_found_though_the_archive_is_deleted_at_once_and_the_store_is_whole_then(string compression,
        string mebibytes)
    {
        await CheckpointAsync(mebibytes, compression);
        var digest = (await _host.ShellAsync($"sha256sum {Archive}")).Output.Split(' ')[0];
        await RestoreHeldAsync("copy");
        Assert.Equal("false", await _host.OkAsync("checkpoint", "inspect", digest, "--format", "{{.Complete}}"));
        File.Delete(Archive);
        await WholeAsync("copy");
        File.Delete(Gate);
        await CompleteAsync(digest);
        Assert.Equal($"{digest} sha256:{digest} archive",
            await _host.OkAsync("checkpoint", "inspect", digest, "--format", "{{.Id}} {{.Digest}} {{.Origin}}"));

        await _host.OkAsync("rm", "-f", "copy");
        await _host.OkAsync("restore", "--checkpoint", digest, "--name", "second", "--no-lazy");
        await WholeAsync("second");
        await _host.OkAsync("rm", "-f", "second");
        Assert.Equal("", await _host.OkAsync("checkpoint", "export", digest, _host.PathOf("again"), "-c", compression));
        await _host.OkAsync("checkpoint", "rm", digest);
        await _host.OkAsync("restore", "-i", _host.PathOf("again"), "-n", "third", "--lazy");
        await WholeAsync("third");
    }

    [Fact]
    public async Task Copies_at_once_and_later_share_what_is_read_once()
    {
        await CheckpointAsync("72", "zstd");
        await RestoreHeldAsync("first");
        await Task.WhenAll(Enumerable.Range(1, 4).Select(number => _host.OkAsync("restore", "-i", Archive, "-n", $"copy-{number}")));
        await _host.OkAsync("restore", "-i", Archive, "-n", "many-1", "-n", "many-2");
        Assert.Equal("false", await _host.OkAsync("checkpoint", "ls", "--format", "{{.Complete}}")); // one, which isn't whole
        foreach (var name in (string[])["first", "copy-1", "copy-2", "copy-3", "copy-4", "many-1", "many-2"])
            await WholeAsync(name);
        File.Delete(Gate);
        var id = (await _host.OkAsync("checkpoint", "ls", "-q", "--no-trunc"));
        await CompleteAsync(id);
        // A second import is a look-up.
        var later = await _host.RunWithAsync(["STASIS_FAULT=archive.unpacked=kill"], "restore", "-i", Archive, "-n", "later");
        Assert.True(later.ExitCode == 0, later.Error);
        Assert.Equal(id, await _host.OkAsync("checkpoint", "import", Archive));
        await WholeAsync("later");
    }

    [Fact]
    public async Task Readers_of_the_whole_checkpoint_and_writers_of_the_archive_wait()
    {
        await CheckpointAsync("64", "none", "idle");
        await RestoreHeldAsync("copy");
        await _host.OkAsync("rm", "-f", "copy"); // nothing has need of the rest any more
        var id = await _host.OkAsync("checkpoint", "ls", "-q", "--no-trunc");
        Assert.Contains("still being read", await _host.FailAsync("checkpoint", "rm", id), StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("checkpoint", "prune", "-f"));

        var whole = _host.RunAsync("restore", "-i", Archive, "-n", "whole", "--no-lazy");
        var export = _host.RunAsync("checkpoint", "export", id, _host.PathOf("exported"));
        var writing = Task.Factory.StartNew(
            () => File.WriteAllText(Archive, "something else"),
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await Eventually.TrueAsync(() => Leftovers.Processes(_host).Count(process => KernelLocks.Waits(process.Pid)) == 2,
            "both commands to wait");
        await Eventually.TrueAsync(() => KernelLocks.WaitsForLease(Environment.ProcessId), "the writer to wait");
        Assert.False(whole.IsCompleted || export.IsCompleted || writing.IsCompleted);

        File.Delete(Gate);
        Assert.True((await whole).ExitCode == 0, (await whole).Error);
        Assert.True((await export).ExitCode == 0, (await export).Error);
        await writing;
        await SeesAsync("whole", "alive");
        await CompleteAsync(id);
        await _host.OkAsync("restore", "-i", _host.PathOf("exported"), "-n", "exported");
        await SeesAsync("exported", "alive");
    }

    [Fact]
    public async Task When_the_page_server_is_killed_the_archive_can_be_restored_again()
    {
        await CheckpointAsync("72", "zstd", "idle");
        await RestoreHeldAsync("copy", "pages.background");
        var id = await _host.OkAsync("checkpoint", "ls", "-q", "--no-trunc");
        KillServer();
        await EndedAsync("copy");
        Assert.Equal("false", await _host.OkAsync("checkpoint", "inspect", id, "--format", "{{.Complete}}"));
        foreach (var command in (string[][])[["restore", "--checkpoint", id, "-n", "no"],
            ["restore", "--checkpoint", id, "-n", "no", "--no-lazy"], ["checkpoint", "export", id, _host.PathOf("no")]])
        {
            var said = await _host.FailAsync(command);
            Assert.Contains($"checkpoint {id[..12]} is not complete", said, StringComparison.Ordinal);
            Assert.Contains("restore from the archive again", said, StringComparison.Ordinal);
        }
        File.Delete(Gate);
        await _host.OkAsync("restore", "-i", Archive, "-n", "another");
        await SeesAsync("another", "alive");
        await CompleteAsync(id);
        await _host.OkAsync("restore", "--checkpoint", id, "-n", "third");
        await SeesAsync("third", "alive");
    }

    [Fact]
    public async Task Leftovers_of_a_killed_page_server_go_when_no_container_uses_them()
    {
        await CheckpointAsync("64", "zstd", "idle");
        await RestoreHeldAsync("copy", "pages.background");
        KillServer();
        await EndedAsync("copy");
        await _host.OkAsync("rm", "copy");
        Assert.Empty(Directory.GetDirectories(Path.Combine(_host.Root, "checkpoints")));

        await RestoreHeldAsync("copy");
        await _host.OkAsync("rm", "-f", "copy");
        KillServer();
        await Eventually.GetAsync(() => _host.OkAsync("checkpoint", "ls", "-q"), ids => ids.Length == 0);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_host.Root, "checkpoints")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_host.Root, "staging")));
    }

    [Theory]
    [InlineData("store.added")]
    [InlineData("store.filling")]
    [InlineData("restore.inserted")]
    [InlineData("restore.launched")]
    [InlineData("pages.filling")]
    [InlineData("store.completed")]
    public async Task Killed_at_any_step_it_can_be_restored_again(string step)
    {
        await CheckpointAsync("64", "zstd", "idle");
        var restored = await _host.RunWithAsync([$"STASIS_FAULT={step}=kill"], "restore", "-i", Archive, "-n", "copy");
        if (step is "store.added" or "store.filling" or "restore.inserted" or "restore.launched")
        {
            Assert.Equal(Killed, restored.ExitCode);
            Assert.Equal("", await _host.OkAsync("ps", "-a", "-q"));
        }
        // Removed before, it would be the page server of the next copy that is killed there. A page server that has all memory, and is
        // killed, before the processes are restored has the restore fail, and the checkpoint removed.
        if (step == "store.completed" && restored.ExitCode == 0)
            await Eventually.GetAsync(() => _host.OkAsync("checkpoint", "ls", "--format", "{{.Complete}}"), state => state == "true");
        await _host.RunAsync("rm", "-f", "copy");
        await _host.OkAsync("restore", "-i", Archive, "-n", "again");
        await SeesAsync("again", "alive");
        var id = await Eventually.GetAsync(() => _host.OkAsync("checkpoint", "ls", "-q", "--no-trunc"), ids => ids.Length == 64);
        await CompleteAsync(id);
        Assert.Equal([id], Directory.GetDirectories(Path.Combine(_host.Root, "checkpoints")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Where_it_can_not_be_read_nothing_runs_and_the_rest_of_it_can_be_had_otherwise()
    {
        await CheckpointAsync("64", "zstd", "idle");
        var restored = await _host.RunWithAsync(["STASIS_FAULT=pages.filling=error"], "restore", "-i", Archive, "-n", "copy");
        if (restored.ExitCode == 0) // it was quicker, and is killed then
            await EndedAsync("copy");
        else
            // or the server was gone before it was asked
            Assert.Matches("the memory can't be supplied on demand: fault point pages.filling|checkpoint [0-9a-f]{12} is not complete",
                restored.Error);
        await _host.RunAsync("rm", "-f", "copy");
        await _host.OkAsync("restore", "-i", Archive, "-n", "whole", "--no-lazy");
        await SeesAsync("whole", "alive");
        Assert.Equal("true", await _host.OkAsync("checkpoint", "ls", "--format", "{{.Complete}}"));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("none")]
    public async Task One_that_was_changed_since_is_a_strangers(string compression)
    {
        await CheckpointAsync("64", compression, "idle");
        await _host.ShellAsync($"printf x | dd of={Archive} bs=1 seek=$(($(stat -c %s {Archive}) * 3 / 4)) conv=notrunc");
        await File.WriteAllTextAsync(Gate, "", Token);
        var restored = await _host.RunWithAsync(
            [$"STASIS_FAULT=pages.filling=wait:{Gate}"],
            "restore",
            "-i",
            Archive,
            "-n",
            "copy",
            "--lazy");
        if (compression == "zstd")
        {
            Assert.Equal(125, restored.ExitCode);
            Assert.Contains($"archive {Archive}: ", restored.Error, StringComparison.Ordinal);
            Assert.Equal("", await _host.OkAsync("checkpoint", "ls", "-q"));
        }
        else if (restored.ExitCode == 0) // nothing tells but that it isn't known: it is vetted, and read in full
        {
            Assert.Equal("true", await _host.OkAsync("checkpoint", "ls", "--format", "{{.Complete}}"));
        }
    }

    [Fact]
    public async Task One_that_was_moved_is_known_by_its_hash()
    {
        await CheckpointAsync("64", "zstd", "idle");
        await _host.ShellAsync($"cp {Archive} moved; rm {Archive}; mv moved {Archive}");
        // its times tell of a change only when the kernel's clock has gone on
        await _host.ShellAsync($"until touch now; [ now -nt {Archive} ]; do :; done");
        await RestoreHeldAsync("copy");
        Assert.Equal("false", await _host.OkAsync("checkpoint", "ls", "--format", "{{.Complete}}"));
        await SeesAsync("copy", "alive");
    }

    [Fact]
    public async Task Several_copies_are_the_first_too()
    {
        await CheckpointAsync("64", "zstd");
        await File.WriteAllTextAsync(Gate, "", Token);
        var restored = await _host.RunWithAsync(
            [$"STASIS_FAULT=pages.filling=wait:{Gate}"],
            "restore",
            "-i",
            Archive,
            "-n",
            "many-1",
            "-n",
            "many-2",
            "-n",
            "many-3");
        Assert.True(restored.ExitCode == 0, restored.Error);
        Assert.Equal("false", await _host.OkAsync("checkpoint", "ls", "--format", "{{.Complete}}"));
        foreach (var name in (string[])["many-1", "many-2", "many-3"])
            await WholeAsync(name);
    }

    [Fact]
    public async Task Without_room_for_the_pages_nothing_is_made()
    {
        await using var small = new StasisHost(rootMebibytes: 160);
        await small.ImportBusyboxAsync("lazy", "lazy");
        await small.OkAsync("run", "-d", "--name", "original", "lazy", "lazy", "64", "idle");
        await Eventually.GetAsync(() => small.OkAsync("logs", "original"), log => log.Contains("filled", StringComparison.Ordinal));
        await small.OkAsync("container", "checkpoint", "-e", small.PathOf("archive"), "original");
        await small.OkAsync("rm", "original");
        var left = new DriveInfo(small.Root).AvailableFreeSpace;
        await small.ShellAsync($"head -c {left - (40 << 20)} /dev/zero >{small.Root}/full");

        var said = await small.FailAsync("restore", "-i", small.PathOf("archive"), "-n", "copy");
        Assert.Contains("o space left", said, StringComparison.Ordinal);
        Assert.Equal("", await small.OkAsync("checkpoint", "ls", "-q"));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(small.Root, "staging")));
        File.Delete(Path.Combine(small.Root, "full"));
        await small.OkAsync("restore", "-i", small.PathOf("archive"), "-n", "copy");
        await Eventually.GetAsync(() => small.OkAsync("logs", "copy"), log => log.Contains("alive", StringComparison.Ordinal));
        await Eventually.GetAsync(() => small.OkAsync("checkpoint", "ls", "--format", "{{.Complete}}"), complete => complete == "true");
    }

    private async Task CheckpointAsync(string mebibytes, string compression, params string[] more)
    {
        await _host.OkAsync(["run", "-d", "--name", "original", "lazy", "lazy", mebibytes, .. more]);
        await SeesAsync("original", "filled");
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "-c", compression, "original");
        await _host.OkAsync("rm", "original");
    }

    /// <summary>
    /// Restored, with a page server that reads what is wanted, and nothing else until the gate is gone: never all of the archive, whose
    /// frames nobody's pages are in too.
    /// </summary>
    private async Task RestoreHeldAsync(string name, string held = "pages.filling")
    {
        await File.WriteAllTextAsync(Gate, "", Token);
        var restored = await _host.RunWithAsync([$"STASIS_FAULT={held}=wait:{Gate}"], "restore", "-i", Archive, "-n", name);
        Assert.True(restored.ExitCode == 0, restored.Error);
    }

    private void KillServer()
    {
        foreach (var process in Directory.GetDirectories("/proc")
            .Where(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            string[] line;
            try
            {
                line = File.ReadAllText($"{process}/cmdline").Split('\0');
            }
            catch (IOException)
            {
                continue;
            }
            // Its second process has the same arguments; it is the child.
            if (line.Contains("page-server") && line.Contains("fill") && line.Contains(_host.Root)
                && File.ReadAllText($"{process}/comm").Trim() != "stasis-keeper")
            {
                using var server = PidFd.Open(int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture));
                Assert.True(server?.Signal(9));
                return;
            }
        }
        Assert.Fail("there is no page server");
    }

    private async Task EndedAsync(string name)
    {
        await Eventually.GetAsync(() => _host.InspectAsync(name, "{{.State.Status}} {{.State.ExitCode}}"), state => state is "exited 137");
        await Eventually.GetAsync(() => _host.OkAsync("ps", "-q"),
            _ => Directory.GetFiles(Path.Combine(_host.RunRoot, "pages"), "control", SearchOption.AllDirectories) is []);
    }

    private async Task WholeAsync(string name)
    {
        var log = await Eventually.GetAsync(() => _host.OkAsync("logs", name),
            lines => lines.Contains("whole", StringComparison.Ordinal) || lines.Contains("WRONG", StringComparison.Ordinal));
        Assert.DoesNotContain("WRONG", log, StringComparison.Ordinal);
    }

    private Task<string> SeesAsync(string name, string text) =>
        Eventually.GetAsync(() => _host.OkAsync("logs", name), log => log.Split('\n').Contains(text));

    private Task<string> CompleteAsync(string id) =>
        Eventually.GetAsync(() => _host.OkAsync("checkpoint", "inspect", id, "--format", "{{.Complete}} {{.Digest}}"),
            state => state.StartsWith("true sha256:", StringComparison.Ordinal));
}
