using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Faults;

/// <summary>Commands that get in each other's way.</summary>
public sealed class RaceTests
{
    [Fact]
    public async Task Of_two_restores_to_one_name_at_once_one_wins_and_the_other_leaves_nothing()
    {
        await using var host = new StasisHost();
        var archive = await ArchiveAsync(host);

        var results = await Task.WhenAll(
            host.RunAsync("container", "restore", "--import", archive, "--name", "one"),
            host.RunAsync("container", "restore", "--import", archive, "--name", "one"));

        Assert.Equal([0, 125], results.Select(r => r.ExitCode).Order());
        Assert.Contains("already in use", results.Single(r => r.ExitCode != 0).Error, StringComparison.Ordinal);
        Assert.Equal("one", await host.OkAsync("ps", "-a", "--format", "{{.Names}}"));
        await host.CountsOnAsync("one");
    }

    [Fact]
    public async Task Removal_by_force_during_a_restore_waits_for_it_and_harms_nothing_else()
    {
        await using var host = new StasisHost();
        var archive = await ArchiveAsync(host);
        var gate = host.PathOf("gate");
        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);

        using var restore = host.Start([$"STASIS_FAULT=restore.launched=wait:{gate}"], "container", "restore", "--import", archive);
        await Eventually.FileAsync(gate + ".hit");
        var id = Path.GetFileName(Directory.GetDirectories(Path.Combine(host.Root, "containers")).Single());
        using var removal = host.Start([], "rm", "-f", id);
        await Eventually.TrueAsync(() => KernelLocks.Waits(removal.Id), "the removal to wait for the restore");
        Assert.Contains(Path.Combine(host.Root, "containers", id),
            await File.ReadAllTextAsync("/proc/self/mounts", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        File.Delete(gate);

        Assert.Equal(0, await Eventually.EndsAsync(restore.WaitAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(0, await Eventually.EndsAsync(removal.WaitAsync(TestContext.Current.CancellationToken)));
        Assert.Equal("", await host.OkAsync("ps", "-aq"));
        Assert.False(Directory.Exists(Path.Combine(host.Root, "containers", id)));
        await Leftovers.AssertNoneAsync(host);

        // The image, through which the runtime's bind mount leads, is whole: a copy of it runs.
        await host.OkAsync("container", "restore", "--import", archive, "--name", "again");
        await host.CountsOnAsync("again");
    }

    [Fact]
    public async Task Many_restores_of_one_archive_at_once()
    {
        await using var host = new StasisHost();
        var archive = await ArchiveAsync(host);
        var names = Enumerable.Range(1, 6).Select(i => $"copy-{i}").ToArray();

        await Task.WhenAll(names.Select(name => host.OkAsync("container", "restore", "--import", archive, "--name", name)));

        foreach (var name in names)
            await host.CountsOnAsync(name);
        Assert.Equal(names.Length, (await host.OkAsync("ps", "-q")).Split('\n').Distinct().Count());
    }

    [Fact]
    public async Task Loops_of_commands_at_once_fail_nowhere_and_leave_nothing()
    {
        await using var host = new StasisHost(networks: true);
        await host.ImportBusyboxAsync();

        await Task.WhenAll(Enumerable.Range(1, LongForm.IsAsked ? 48 : 6).Select(LoopAsync));

        Assert.Equal("", await host.OkAsync("ps", "-aq"));
        foreach (var id in (await host.OkAsync("checkpoint", "ls", "-q")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await host.OkAsync("checkpoint", "rm", id); // what was read from an archive stays
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(host.Root, "checkpoints")));
        await Leftovers.AssertNoneAsync(host);

        async Task LoopAsync(int loop)
        {
            var (name, restored, cloned, archive) = ($"c{loop}", $"r{loop}", $"k{loop}", host.PathOf($"{loop}.tar.zst"));
            for (var round = 0; round < 2; round++)
            {
                await host.StartCounterAsync(name);
                await host.OkAsync("container", "checkpoint", "-R", "--export", archive, name);
                await host.OkAsync("container", "restore", "--import", archive, "--name", restored);
                await host.OkAsync("clone", "--name", cloned, name);
                await host.OkAsync("stop", "-t", "0", name, restored, cloned);
                await host.OkAsync("rm", name, restored, cloned);
            }
        }
    }

    [Fact]
    public async Task Checkpoint_that_a_clone_has_made_is_not_removed_as_a_leftover_before_the_copy_is_made()
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var gate = host.PathOf("gate");
        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);

        using var clone = host.Start([$"STASIS_FAULT=clone.frozen=wait:{gate}"], "clone", "--name", "copy", "c");
        await Eventually.FileAsync(gate + ".hit");
        var left = Path.Combine(host.Root, "staging", "left"); // what a killed process leaves
        Directory.CreateDirectory(left);
        await File.WriteAllTextAsync(left + ".lock", "", TestContext.Current.CancellationToken);
        await host.OkAsync("stop", "-t", "0", await host.OkAsync("run", "-d", "busybox", "sleep", "1000"));
        Assert.False(Directory.Exists(left));
        File.Delete(gate);

        Assert.Equal(0, await Eventually.EndsAsync(clone.WaitAsync(TestContext.Current.CancellationToken)));
        await host.CountsOnAsync("copy");
    }

    [Fact]
    public async Task Container_of_the_same_ID_under_another_root_is_refused_and_the_one_that_runs_unharmed()
    {
        await using var host = new StasisHost();
        await using var other = new StasisHost();
        await host.ImportBusyboxAsync();
        await other.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var archive = host.PathOf("c.tar.zst");
        await host.OkAsync("container", "checkpoint", "--export", archive, "c");
        await host.OkAsync("rm", "c");
        await host.OkAsync("container", "restore", "--import", archive);
        var id = await host.InspectAsync("c", "{{.Id}}");

        var error = await other.FailAsync("container", "restore", "--import", archive);
        Assert.Contains($"is in the cgroup /sys/fs/cgroup/", error, StringComparison.Ordinal);
        Assert.Contains($"/stasis/{id}", error, StringComparison.Ordinal);
        Assert.Equal("", await other.OkAsync("ps", "-aq"));
        await host.CountsOnAsync("c");

        // It can be restored there when the first has stopped; and then the first can't be started.
        await host.OkAsync("stop", "-t", "0", "c");
        await other.OkAsync("container", "restore", "--import", archive);
        Assert.Contains($"/stasis/{id}", await host.FailAsync("start", "c"), StringComparison.Ordinal);
        await host.OkAsync("rm", "-f", "c");
        await other.CountsOnAsync("c");
    }

    private static async Task<string> ArchiveAsync(StasisHost host)
    {
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var archive = host.PathOf("archive.tar.zst");
        await host.OkAsync("container", "checkpoint", "--export", archive, "c");
        await host.OkAsync("rm", "c");
        return archive;
    }
}
