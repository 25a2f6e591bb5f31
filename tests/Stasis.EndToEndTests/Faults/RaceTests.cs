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
        Assert.Contains(Path.Combine(host.Root, "containers", id), await File.ReadAllTextAsync("/proc/self/mounts", TestContext.Current.CancellationToken), StringComparison.Ordinal);
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
