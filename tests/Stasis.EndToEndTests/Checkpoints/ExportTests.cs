using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>A container runs on while its archive is written: no command waits for that.</summary>
public sealed class ExportTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("archive.tar");

    private string Hold => _host.PathOf("hold");

    public async ValueTask InitializeAsync()
    {
        await _host.ImportBusyboxAsync();
        await _host.StartCounterAsync("c");
        await File.Create(Hold).DisposeAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Commands_don_t_wait_for_an_archive_that_is_being_written()
    {
        using var export = await ExportAsync("archive.entry=wait:" + Hold);
        await _host.OkAsync("exec", "c", "true");
        await _host.OkAsync("pause", "c");
        await _host.OkAsync("unpause", "c");
        await _host.OkAsync("container", "checkpoint", "-R", "-e", _host.PathOf("second.tar"), "c");
        await _host.OkAsync("stop", "-t", "0", "c");
        await _host.OkAsync("start", "c");
        await _host.OkAsync("rm", "-f", "-t", "0", "c");
        Assert.False(File.Exists(Archive));

        File.Delete(Hold);
        Assert.Equal(0, await Eventually.EndsAsync(export.WaitAsync(TestContext.Current.CancellationToken)));

        await _host.OkAsync("container", "restore", "-i", Archive);
        await _host.OkAsync("container", "restore", "-i", _host.PathOf("second.tar"), "-n", "second");
        foreach (var name in (string[])["c", "second"])
        {
            await _host.CountsOnAsync(name);
            await _host.CountedWithoutGapAsync(name);
        }
    }

    [Fact]
    public async Task Archive_that_can_t_be_written_leaves_nothing_of_a_container_that_was_removed_meanwhile()
    {
        using var export = await ExportAsync($"archive.entry=wait:{Hold},checkpoint.written=full");
        await _host.OkAsync("rm", "-f", "-t", "0", "c");
        File.Delete(Hold);

        Assert.Equal(125, await Eventually.EndsAsync(export.WaitAsync(TestContext.Current.CancellationToken)));
        Assert.Contains("the container was stopped or removed meanwhile", await File.ReadAllTextAsync(_host.PathOf("error"),
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(File.Exists(Archive));
        await Leftovers.AssertNoneAsync(_host);
    }

    [Fact]
    public async Task Killed_export_leaves_the_container_as_it_is_and_no_files()
    {
        using var export = await ExportAsync("archive.entry=wait:" + Hold);
        await _host.OkAsync("pause", "c");
        await SentSignal.SendAsync(export.Id, Signals.Kill);
        await Eventually.EndsAsync(export.WaitAsync(TestContext.Current.CancellationToken));

        Assert.Equal("paused", await _host.InspectAsync("c", "{{.State.Status}}"));
        await _host.OkAsync("unpause", "c");
        await _host.CountsOnAsync("c");
        await _host.CountedWithoutGapAsync("c");
        await Eventually.TrueAsync(
            () => !Directory.EnumerateFileSystemEntries(Path.Combine(_host.Root, "staging")).Any(), "an empty staging folder");
        Assert.False(File.Exists(Archive));
    }

    private async Task<ChildProcess> ExportAsync(string fault)
    {
        var command = _host.OnHost(
            "sh", "-c", $"exec {_host.Line} container checkpoint -R -c none -e {Archive} c 2>{_host.PathOf("error")}");
        var export = Spawn.Start(command with { Environment = [.. command.Environment!, $"STASIS_FAULT={fault}"] });
        await Eventually.FileAsync(Hold + ".hit");
        return export;
    }
}
