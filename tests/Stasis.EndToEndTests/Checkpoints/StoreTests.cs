using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>The checkpoint store: read once, shared by all copies, and gone when nobody needs it.</summary>
public sealed class StoreTests : IAsyncLifetime
{
    private const string NotRead = "STASIS_FAULT=archive.unpacked=kill"; // at the first entry that is unpacked

    private readonly StasisHost _host = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Archive => _host.PathOf("c.tar.zst");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_archive_is_read_once()
    {
        await MakeArchiveAsync();
        await _host.OkAsync("restore", "-i", Archive, "--name", "one");

        var second = await _host.RunWithAsync([NotRead], "restore", "-i", Archive, "--name", "two");
        Assert.True(second.ExitCode == 0, second.Error);
        await _host.CountsOnAsync("two");

        var digest = (await _host.ShellAsync($"sha256sum {Archive}")).Output.Split(' ')[0];
        Assert.Equal($"{digest} sha256:{digest} archive c [one two]",
            await _host.OkAsync(
                "checkpoint",
                "inspect",
                digest[..10],
                "--format",
                "{{.Id}} {{.Digest}} {{.Origin}} {{.ContainerName}} {{.Users}}"));
    }

    [Fact]
    public async Task A_file_that_changed_is_read_again_though_its_size_is_the_same()
    {
        await MakeArchiveAsync("-c", "none");
        await _host.OkAsync("restore", "-i", Archive, "--name", "one");
        // A later archive of the same length, with the same time of modification, in the same file.
        await _host.ShellAsync(
            $"touch -r {Archive} stamp; cat {Archive} >other; printf x | dd of={Archive} bs=1 seek=100 conv=notrunc; cat other "
                + $">{Archive}; touch -r stamp {Archive}");

        Assert.Equal(128 + 9, (await _host.RunWithAsync([NotRead], "restore", "-i", Archive, "--name", "two")).ExitCode);
        await _host.OkAsync("restore", "-i", Archive, "--name", "two");
        Assert.Single((await _host.OkAsync("checkpoint", "ls", "-q")).Split('\n')); // its content is the same
    }

    [Fact]
    public async Task Removal_of_the_last_copy_says_how_to_free_its_checkpoint()
    {
        await MakeArchiveAsync();
        foreach (var name in (string[])["one", "two"])
            await _host.OkAsync("restore", "-i", Archive, "--name", name);
        var id = (await _host.OkAsync("checkpoint", "ls", "-q"))[..12];

        var first = await _host.RunAsync("rm", "-f", "-v", "-t", "0", "one");
        Assert.Equal((0, "one\n", ""), (first.ExitCode, first.Output, first.Error));
        var last = await _host.RunAsync("rm", "-f", "-v", "-t", "0", "two");
        Assert.Equal((0, "two\n"), (last.ExitCode, last.Output));
        Assert.StartsWith($"checkpoint {id} (", last.Error, StringComparison.Ordinal);
        Assert.EndsWith($" is used by no container any more; to free it: stasis checkpoint rm {id}\n",
            last.Error, StringComparison.Ordinal);

        await _host.OkAsync("checkpoint", "rm", id);
        Assert.Equal("", await _host.OkAsync("checkpoint", "ls", "-q"));
    }

    [Fact]
    public async Task From_standard_input_it_finds_what_is_there()
    {
        await MakeArchiveAsync();
        await _host.OkAsync("restore", "-i", Archive, "--name", "one");
        var piped = await _host.ShellAsync($"{_host.Line} restore -i - --name two <{Archive}");
        Assert.True(piped.ExitCode == 0, piped.Error);
        Assert.Equal("one,two", await _host.OkAsync("checkpoint", "ls", "--format", "{{.Users}}"));
    }

    [Fact]
    public async Task Two_imports_at_once_are_one()
    {
        await MakeArchiveAsync();
        var ids = await Task.WhenAll(_host.OkAsync("checkpoint", "import", Archive), _host.OkAsync("checkpoint", "import", Archive));
        Assert.Equal(ids[0], ids[1]);
        Assert.Equal([ids[0]], Directory.GetDirectories(Path.Combine(_host.Root, "checkpoints")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("/view")]
    [InlineData("/view", "anew")]
    public async Task A_file_that_one_process_maps_and_another_writes_stays_one_file_in_each_copy(params string[] arguments)
    {
        await _host.ImportBusyboxAsync("mapped", "mapped");
        await _host.OkAsync(["run", "-d", "--name", "c", "mapped", "mapped", .. arguments]);
        await Eventually.GetAsync(() => _host.OkAsync("logs", "c"), log => log.Contains("same", StringComparison.Ordinal));
        await _host.OkAsync("checkpoint", "-e", Archive, "c");
        await _host.OkAsync("rm", "c");
        foreach (var name in (string[])["one", "two"])
        {
            await _host.OkAsync("restore", "-i", Archive, "--name", name);
            var before = (await _host.OkAsync("logs", name)).Split('\n').Length;
            var after = await Eventually.GetAsync(() => _host.OkAsync("logs", name), log => log.Split('\n').Length > before + 3);
            Assert.DoesNotContain("BEHIND", after, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sixteen_copies_at_once_share_what_the_archive_holds()
    {
        await _host.OkAsync(
            "run",
            "-d",
            "--name",
            "c",
            "busybox",
            "sh",
            "-c",
            "echo changed >/etc/motd; rm /etc/group; i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done");
        await _host.CountsBeyondAsync("c", 3);
        await _host.OkAsync("checkpoint", "-e", Archive, "c");
        await _host.OkAsync("rm", "c");

        var names = Enumerable.Range(1, 16).Select(i => $"copy-{i}").ToArray();
        await Task.WhenAll(names.Select(name => _host.OkAsync("restore", "-i", Archive, "--name", name)));

        foreach (var name in names)
        {
            await _host.CountsOnAsync(name);
            Assert.Equal("changed", await _host.OkAsync("exec", name, "cat", "/etc/motd"));
            // /tmp is where CRIU keeps its own mounts meanwhile.
            Assert.Equal(["C /etc", "D /etc/group", "A /etc/motd"], (await _host.OkAsync("diff", name)).Split('\n').Except(["C /tmp"]));
            Assert.Empty(Directory.GetFileSystemEntries(
                Path.Combine(_host.Root, "containers", await _host.InspectAsync(name, "{{.Id}}"), "upper", "etc"), "motd"));
        }
        await _host.OkAsync("exec", "copy-1", "sh", "-c", "echo mine >>/etc/motd");
        Assert.Equal("changed\nmine", await _host.OkAsync("exec", "copy-1", "cat", "/etc/motd"));
        Assert.Equal("changed", await _host.OkAsync("exec", "copy-2", "cat", "/etc/motd"));
    }

    [Fact]
    public async Task Checkpoints_that_a_container_uses_stay_and_unused_ones_go()
    {
        await MakeArchiveAsync();
        var id = await _host.OkAsync("checkpoint", "import", Archive, "mine");
        await _host.OkAsync("restore", "--checkpoint", "mine", "--name", "one");

        Assert.Contains("in use by the container(s): one", await _host.FailAsync("checkpoint", "rm", "mine"), StringComparison.Ordinal);
        await _host.OkAsync("checkpoint", "tag", "mine", "yours");
        Assert.Equal("Untagged: yours", await _host.OkAsync("checkpoint", "rm", "yours"));
        Assert.Contains("stasis restore --checkpoint mine", await _host.FailAsync("restore", "mine"), StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("checkpoint", "prune", "-f"));
        await _host.OkAsync("rm", "-f", "one");
        Assert.Equal("", await _host.OkAsync("checkpoint", "prune", "-f")); // it has a name
        await _host.OkAsync("checkpoint", "untag", "mine");
        Assert.Equal("", await _host.OkAsync("checkpoint", "prune", "-f", "--keep", "1"));
        Assert.Equal("", await _host.OkAsync("checkpoint", "prune", "-f", "--max-age", "1h", "--max-size", "1g"));
        Assert.Equal(id, await _host.OkAsync("checkpoint", "prune", "-f", "--max-size", "1k"));
        Assert.Equal("", await _host.OkAsync("checkpoint", "ls", "-q"));
        Assert.Empty(Directory.GetDirectories(Path.Combine(_host.Root, "checkpoints")));
        await _host.OkAsync("restore", "-i", Archive, "--name", "again");
        await _host.CountsOnAsync("again");
    }

    /// <summary>By itself, after a restore; what a container uses and what has a name stays.</summary>
    [Fact]
    public async Task The_store_is_brought_within_its_limits_after_a_restore()
    {
        var other = _host.PathOf("other.tar");
        await MakeArchiveAsync();
        var unused = await _host.OkAsync("checkpoint", "import", Archive);
        await _host.OkAsync("restore", "-i", Archive, "-n", "one");
        await _host.OkAsync("checkpoint", "-c", "none", "-e", other, "one");
        await _host.OkAsync("rm", "one");
        await _host.OkAsync("restore", "-i", other, "-n", "two");
        Assert.Contains(unused, await _host.OkAsync("checkpoint", "ls", "-q", "--no-trunc"), StringComparison.Ordinal);

        _host.CommandEnvironment = ["STASIS_STORE_MAX_SIZE=1k"];
        await _host.OkAsync("restore", "-i", other, "-n", "three");
        Assert.DoesNotContain(unused, await _host.OkAsync("checkpoint", "ls", "-q", "--no-trunc"), StringComparison.Ordinal);
        Assert.Equal("1 1024", await _host.OkAsync("info", "--format", "{{.Store.Checkpoints.Count}} {{.Store.Checkpoints.MaxSize}}"));
        await _host.CountsOnAsync("two");

        _host.CommandEnvironment = [];
        var unread = await _host.RunWithAsync(["STASIS_STORE_MAX_SIZE=much"], "ps");
        Assert.Equal(125, unread.ExitCode);
        Assert.Contains("STASIS_STORE_MAX_SIZE: it must be a size", unread.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_in_place_is_in_the_store_until_it_is_restored()
    {
        await _host.StartCounterAsync("c");
        await _host.OkAsync("checkpoint", "c");
        Assert.Equal("container c c", await _host.OkAsync("checkpoint", "ls", "--format", "{{.Origin}} {{.Container}} {{.Users}}"));
        var id = await _host.OkAsync("checkpoint", "ls", "-q");
        await _host.OkAsync("restore", "--checkpoint", id, "--name", "copy", "--hostname", "{name}-{n}");
        await _host.OkAsync("restore", "--hostname", "other", "c");
        await _host.CountedWithoutGapAsync("c");
        Assert.Equal("copy", await _host.OkAsync("checkpoint", "ls", "--format", "{{.Users}}"));
        Assert.Equal(["other", "copy-1"], [await _host.OkAsync("exec", "c", "hostname"), await _host.OkAsync("exec", "copy", "hostname")]);
        await _host.OkAsync("rm", "-f", "copy");
        Assert.Equal("", await _host.OkAsync("checkpoint", "ls", "-q"));
    }

    [Fact]
    public async Task Removal_during_a_restore_is_refused_and_prune_passes_it_over()
    {
        await MakeArchiveAsync();
        var id = await _host.OkAsync("checkpoint", "import", Archive);
        var gate = _host.PathOf("gate");
        await File.WriteAllTextAsync(gate, "", Token);
        using var restore = _host.Start([$"STASIS_FAULT=restore.unpacked=wait:{gate}"], "restore", "--checkpoint", id, "--name", "one");
        await Eventually.FileAsync(gate + ".hit");

        Assert.Contains("a container is being made from it", await _host.FailAsync("checkpoint", "rm", id), StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("checkpoint", "prune", "-f"));
        File.Delete(gate);
        Assert.Equal(0, await restore.WaitAsync(Token));
        await _host.CountsOnAsync("one");
    }

    [Fact]
    public async Task Exported_again_it_restores()
    {
        await MakeArchiveAsync();
        await _host.OkAsync("checkpoint", "import", Archive, "mine");
        await _host.OkAsync("checkpoint", "export", "mine", _host.PathOf("again.tar.gz"), "--compress", "gzip");
        await _host.OkAsync("restore", "-i", _host.PathOf("again.tar.gz"));
        await _host.CountedWithoutGapAsync("c");
    }

    [Theory]
    [InlineData("restore.unpacked")]
    [InlineData("store.moved")]
    [InlineData("store.added")]
    [InlineData("store.layer-made")]
    public async Task Killed_while_it_comes_into_the_store_it_leaves_nothing_half_made(string step)
    {
        await MakeArchiveAsync();
        Assert.Equal(128 + 9,
            (await _host.RunWithAsync([$"STASIS_FAULT={step}=kill"], "restore", "-i", Archive, "--name", "one")).ExitCode);

        var listed = (await _host.OkAsync("checkpoint", "ls", "-q", "--no-trunc")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(listed, Folders());
        await Leftovers.AssertNoneAsync(_host);
        await _host.OkAsync("restore", "-i", Archive, "--name", "one");
        await _host.CountsOnAsync("one");
        Assert.Single(Folders());
    }

    [Fact]
    public async Task Killed_while_it_is_removed_it_goes()
    {
        await MakeArchiveAsync();
        var id = await _host.OkAsync("checkpoint", "import", Archive);
        await _host.RunWithAsync(["STASIS_FAULT=store.deleted=kill"], "checkpoint", "rm", id);
        Assert.Equal("", await _host.OkAsync("checkpoint", "ls", "-q"));
        Assert.Empty(Folders());
    }

    [Fact]
    public async Task A_full_disk_while_it_is_read_leaves_nothing()
    {
        await using var small = new StasisHost(rootMebibytes: 24);
        await small.ImportBusyboxAsync("busybox", "filled");
        await using var big = new StasisHost();
        await big.ImportBusyboxAsync("busybox", "filled");
        await big.OkAsync("run", "-d", "--name", "m", "busybox", "filled", "64");
        await big.CountsBeyondAsync("m", 2);
        await big.OkAsync("checkpoint", "-e", Archive, "m");

        Assert.Contains("No space left on device", await small.FailAsync("checkpoint", "import", Archive), StringComparison.Ordinal);
        Assert.Equal("", await small.OkAsync("checkpoint", "ls", "-q"));
        await Leftovers.AssertNoneAsync(small);
    }

    private string?[] Folders() =>
        [
            .. (Directory.Exists(Path.Combine(_host.Root, "checkpoints"))
                ? Directory.GetDirectories(Path.Combine(_host.Root, "checkpoints"))
                : []).Select(Path.GetFileName)
        ];

    private async Task MakeArchiveAsync(params string[] options)
    {
        await _host.StartCounterAsync("c");
        await _host.OkAsync(["checkpoint", "-e", Archive, .. options, "c"]);
        await _host.OkAsync("rm", "c");
    }
}
