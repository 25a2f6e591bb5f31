using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>What <c>container checkpoint</c> and <c>container restore</c> promise.</summary>
public sealed class CheckpointTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("archive.tar.zst");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync("workload", "counter");

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_archive_goes_through_a_pipe()
    {
        await Workload.StartAsync(_host, "original", "counter");
        var piped =
            await _host.ShellAsync($"set -o pipefail; {_host.Line} checkpoint -R -e - original | {_host.Line} restore -i - -n copy");
        Assert.True(piped.ExitCode == 0, piped.Error);
        Assert.Equal($"{await _host.InspectAsync("copy", "{{.Id}}")}\n", piped.Output);
        await Workload.CountsAsync(_host, "copy", 5);
        Assert.Empty(Directory.GetFiles(_host.Folder));

        var closed = await _host.ShellAsync($"set -o pipefail; {_host.Line} checkpoint -e - original | true");
        Assert.Equal(
            (125,
                "Error: checkpointing container original: writing the archive to standard output: Broken pipe\nThe container runs as "
                    + "before.\n"), (closed.ExitCode, closed.Error));
        var terminal = await _host.ShellAsync($"script -qec '{_host.Line} checkpoint -e - original' /dev/null");
        Assert.Contains("cannot write an archive to a terminal", terminal.Output, StringComparison.Ordinal);
        Assert.Equal("running", await _host.InspectAsync("original", "{{.State.Status}}"));
    }

    [Fact]
    public async Task Files_come_along_with_all_that_they_are()
    {
        const string make = """
            cd /root; echo text >file; chown 12:34 file; chmod 4711 file; touch -d '2001-02-03 04:05:06' file
            ln -s nowhere link; ln file hard; mkfifo fifo; mkdir 'a b'; echo deep >'a b/c'
            rm /bin/vi; rm -r /var/tmp; mkdir /var/tmp; echo new >/var/tmp/new; echo changed >>/etc/passwd
            echo shm >/dev/shm/file; echo volume >/data/file; echo unnamed >/scratch/file
            exec counter
            """;
        const string show = """
            cd /root; stat -c '%n %a %u:%g %F %Y %h' file link fifo 'a b' 'a b/c'; readlink link; cat file 'a b/c' hard
            test -e /bin/vi && echo 'vi is back'; ls /var/tmp; tail -1 /etc/passwd; cat /dev/shm/file /data/file /scratch/file
            """;
        await _host.OkAsync("run", "-d", "--name", "original", "-v", "data:/data", "--tmpfs", "/scratch", "workload", "sh", "-c", make);
        await Workload.CountsAsync(_host, "original", 3);
        var before = await _host.OkAsync("exec", "original", "sh", "-c", show);
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "original");
        await _host.OkAsync("rm", "original");
        await _host.OkAsync("volume", "rm", "data");

        await _host.OkAsync("container", "restore", "-i", Archive);
        Assert.Equal(before, await _host.OkAsync("exec", "original", "sh", "-c", show));
        Assert.Contains("file 4711 12:34 regular file 981173106 2", before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_archive_is_Podmans_and_nobody_elses_business()
    {
        await Workload.StartAsync(_host, "original", "counter");
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "original");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Archive));
        Assert.Equal([Path.GetFileName(Archive)], Directory.GetFiles(_host.Folder).Select(Path.GetFileName));
        var entries = (await ToolAsync("tar", "--zstd", "-tf", Archive)).Split('\n').Select(entry => entry.TrimStart('.', '/')).ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "config.dump",
                "spec.dump",
                "checkpoint/inventory.img",
                "checkpoint/pages-1.img",
                "stats-dump",
                "ctr.log",
                "rootfs-diff.tar"
            }, entries);
    }

    [Theory]
    [InlineData("zstd", "28B52FFD")]
    [InlineData("gzip", "1F8B")]
    [InlineData("none", "")]
    public async Task Archive_is_compressed_as_asked(string how, string magic)
    {
        await Workload.StartAsync(_host, "original", "counter");
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "-c", how, "original");
        var bytes = await File.ReadAllBytesAsync(Archive, TestContext.Current.CancellationToken);
        Assert.StartsWith(magic, Convert.ToHexString(bytes.AsSpan(0, 8)), StringComparison.Ordinal);
        Assert.Equal(how == "none", bytes.AsSpan(257, 5).SequenceEqual("ustar"u8));
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy");
        await Workload.CountsAsync(_host, "copy", 10);
    }

    [Fact]
    public async Task Left_running_it_runs_on_and_the_copy_begins_where_it_was()
    {
        await Workload.StartAsync(_host, "original", "counter");
        await _host.OkAsync("container", "checkpoint", "-R", "-e", Archive, "original");
        Assert.Equal("running", await _host.InspectAsync("original", "{{.State.Status}}"));
        var counted = await Workload.CountsAsync(_host, "original", 0);
        await Workload.CountsAsync(_host, "original", counted + 5);
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy");
        await Workload.CountsAsync(_host, "copy", 10);
    }

    [Fact]
    public async Task In_place_it_sleeps_and_wakes()
    {
        await Workload.StartAsync(_host, "original", "counter");
        for (var round = 0; round < 5; round++)
        {
            await _host.OkAsync("container", "checkpoint", "original");
            Assert.Equal("exited true", await _host.InspectAsync("original", "{{.State.Status}} {{.State.Checkpointed}}"));
            var counted = await Workload.CountsAsync(_host, "original", 0);
            Assert.Equal("original", await _host.OkAsync("container", "restore", "original"));
            Assert.Equal("running false true",
                await _host.InspectAsync("original", "{{.State.Status}} {{.State.Checkpointed}} {{.State.Restored}}"));
            await Workload.CountsAsync(_host, "original", counted + 5);
        }
    }

    [Fact]
    public async Task All_and_latest()
    {
        await Workload.StartAsync(_host, "a", "counter");
        await Workload.StartAsync(_host, "b", "counter");
        Assert.Equal(2, (await _host.OkAsync("container", "checkpoint", "--all")).Split('\n').Length);
        Assert.Equal(await _host.InspectAsync("b", "{{.Id}}"), await _host.OkAsync("container", "restore", "--latest"));
        Assert.Equal("b", await _host.OkAsync("ps", "--format", "{{.Names}}"));
        Assert.Equal(await _host.InspectAsync("a", "{{.Id}}"), await _host.OkAsync("container", "restore", "-a"));
    }

    [Fact]
    public async Task Statistics_are_Podmans()
    {
        await Workload.StartAsync(_host, "original", "counter");
        using var dump = JsonDocument.Parse(await _host.OkAsync("container", "checkpoint", "--print-stats", "-e", Archive, "original"));
        var id = await _host.InspectAsync("original", "{{.Id}}");
        var total = dump.RootElement.GetProperty("podman_checkpoint_duration").GetInt64();
        var dumped = Assert.Single(dump.RootElement.GetProperty("container_statistics").EnumerateArray());
        Assert.Equal(id, dumped.GetProperty("Id").GetString());
        Assert.InRange(dumped.GetProperty("runtime_checkpoint_duration").GetInt64(), 1, total);
        Assert.All(["frozen_time", "memdump_time", "pages_scanned", "pages_written"],
            name => Assert.True(dumped.GetProperty("criu_statistics").GetProperty(name).GetInt64() > 0, name));

        using var restore = JsonDocument.Parse(await _host.OkAsync("container", "restore", "--print-stats", "-i", Archive, "-n", "copy"));
        var restored = Assert.Single(restore.RootElement.GetProperty("container_statistics").EnumerateArray());
        Assert.InRange(restored.GetProperty("runtime_restore_duration").GetInt64(), 1,
            restore.RootElement.GetProperty("podman_restore_duration").GetInt64());
        Assert.InRange(restored.GetProperty("vetting_duration").GetInt64(), 1,
            restore.RootElement.GetProperty("podman_restore_duration").GetInt64());
        Assert.All(["forking_time", "restore_time", "pages_restored"],
            name => Assert.True(restored.GetProperty("criu_statistics").GetProperty(name).GetInt64() > 0, name));
    }

    [Fact]
    public async Task A_restore_into_a_name_or_an_ID_in_use_changes_nothing()
    {
        await Workload.StartAsync(_host, "original", "counter");
        await _host.OkAsync("container", "checkpoint", "-R", "-e", Archive, "original");
        Assert.Contains("original", await _host.FailAsync("container", "restore", "-i", Archive), StringComparison.Ordinal);
        Assert.Contains("original", await _host.FailAsync("container", "restore", "-i", Archive, "-n", "original"),
            StringComparison.Ordinal);
        await _host.OkAsync("rename", "original", "renamed");
        await _host.FailAsync("container", "restore", "-i", Archive); // the ID is taken still
        Assert.Equal("renamed", await _host.OkAsync("ps", "-a", "--format", "{{.Names}}"));
        await Workload.CountsAsync(_host, "renamed", 20);
    }

    [Theory]
    [InlineData("config.dump", "remove")]
    [InlineData("config.dump", "empty")]
    [InlineData("config.dump", "cut")]
    [InlineData("config.dump", "rubbish")]
    [InlineData("config.dump", "[1]")]
    [InlineData("spec.dump", "remove")]
    [InlineData("spec.dump", "empty")]
    [InlineData("spec.dump", "cut")]
    [InlineData("spec.dump", "{}")]
    [InlineData("config.dump", """{"id":"x"}""")]
    public async Task An_archive_with_a_bad_entry_is_refused_by_name(string entry, string how)
    {
        await Workload.StartAsync(_host, "original", "counter");
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "-c", "none", "original");
        await _host.OkAsync("rm", "original");
        var folder = Directory.CreateDirectory(_host.PathOf("unpacked")).FullName;
        await ToolAsync("tar", "-C", folder, "-xf", Archive);
        var file = Path.Combine(folder, entry);
        var content = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        if (how == "remove")
            File.Delete(file);
        else
            await File.WriteAllTextAsync(file,
                how switch { "empty" => "", "cut" => content[..(content.Length / 2)], "rubbish" => "not JSON", _ => how },
                    TestContext.Current.CancellationToken);
        var bad = _host.PathOf("bad.tar");
        await ToolAsync("tar", "-C", folder, "-cf", bad, ".");

        var error = await _host.FailAsync("container", "restore", "-i", bad);
        Assert.Contains(bad, error, StringComparison.Ordinal);
        Assert.Contains(entry, error, StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("ps", "-aq"));
    }

    [Fact]
    public async Task A_cut_archive_and_one_that_is_none_are_refused()
    {
        await Workload.StartAsync(_host, "original", "counter");
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "original");
        await _host.OkAsync("rm", "original");
        var bytes = await File.ReadAllBytesAsync(Archive, TestContext.Current.CancellationToken);
        foreach (var length in (int[])[0, 3, 1000, bytes.Length / 2, bytes.Length - 1])
        {
            var cut = _host.PathOf($"cut-{length}");
            await File.WriteAllBytesAsync(cut, bytes[..length], TestContext.Current.CancellationToken);
            Assert.Contains(cut, await _host.FailAsync("container", "restore", "-i", cut), StringComparison.Ordinal);
        }
        Assert.Contains("missing", await _host.FailAsync("container", "restore", "-i", _host.PathOf("missing")), StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("ps", "-aq"));
        await _host.OkAsync("container", "restore", "-i", Archive);
    }

    [Fact]
    public async Task An_archive_may_come_through_a_pipe()
    {
        await Workload.StartAsync(_host, "original", "counter");
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "original");
        await ToolAsync("sh", "-c",
            $"cat {Archive} | {StasisHost.Binary} --root {_host.Root} --runroot {_host.RunRoot} container restore --import - --name copy");
        await Workload.CountsAsync(_host, "copy", 10);
    }

    [Fact]
    public async Task A_checkpoint_that_CRIU_refuses_leaves_the_container_running_and_quotes_it()
    {
        await _host.OkAsync("run", "-d", "--name", "original", "workload", "sh", "-c",
            "sleep 1000 | nc -l -p 4000 & until netstat -ltn | grep -q :4000; do sleep 0.01; done; " +
            "sleep 1000 | nc 127.0.0.1 4000 & until netstat -tn | grep -q ESTABLISHED; do sleep 0.01; done; exec counter");
        await Workload.CountsAsync(_host, "original", 10);
        var error = await _host.FailAsync("container", "checkpoint", "-e", Archive, "original");
        Assert.Contains("tcp-established", error, StringComparison.Ordinal);
        Assert.Equal("running", await _host.InspectAsync("original", "{{.State.Status}}"));
        await Workload.CountsAsync(_host, "original", await Workload.CountsAsync(_host, "original", 0) + 3);
        Assert.False(File.Exists(Archive));
    }

    [Fact]
    public async Task Interrupted_it_leaves_the_container_running()
    {
        await Workload.StartAsync(_host, "original", "counter");
        var gate = _host.PathOf("gate");
        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);
        using var checkpoint = _host.Start(
            [$"STASIS_FAULT=checkpoint.dumped=wait:{gate}"],
            "container",
            "checkpoint",
            "-e",
            Archive,
            "original");
        await Eventually.FileAsync(gate + ".hit");
        await SentSignal.SendAsync(checkpoint.Id, Signals.Int);
        File.Delete(gate);
        Assert.Equal(130, await Eventually.EndsAsync(checkpoint.WaitAsync(TestContext.Current.CancellationToken)));
        Assert.Equal("running", await _host.InspectAsync("original", "{{.State.Status}}"));
        await Workload.CountsAsync(_host, "original", await Workload.CountsAsync(_host, "original", 0) + 3);
        Assert.False(File.Exists(Archive));
    }

    private static async Task<string> ToolAsync(string program, params string[] arguments)
    {
        var result = await Spawn.RunAsync(new SpawnOptions { Program = program, Arguments = arguments }, StasisHost.TimeLimit,
            TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.Error}");
        return result.Output;
    }
}
