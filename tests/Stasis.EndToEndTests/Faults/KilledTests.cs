using System.Globalization;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Faults;

/// <summary>
/// kill -9 of stasis itself at every step of checkpoint and restore: the container runs or its archive is whole, and the next command puts
/// the rest right.
/// </summary>
public sealed class KilledTests
{
    private const int Killed = 128 + 9;

    public static TheoryData<string> CheckpointSteps =>
        [
            "checkpoint.begun", "checkpoint.frozen", "checkpoint.dumped", "checkpoint.taken", "archive.entry", "checkpoint.written",
            "checkpoint.committed", "checkpoint.saved"
        ];

    // There is no archive.
    public static TheoryData<string> InPlaceSteps =>
        ["checkpoint.begun", "checkpoint.frozen", "checkpoint.dumped", "checkpoint.taken", "checkpoint.committed", "checkpoint.saved"];

    public static TheoryData<string> RestoreSteps =>
        [
            "archive.unpacked", "restore.unpacked", "restore.inserted", "restore.mounted", "restore.filled", "restore.launching",
            "restore.launched", "restore.saved"
        ];

    [Theory]
    [MemberData(nameof(CheckpointSteps))]
    public async Task Export(string step)
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var archive = host.PathOf("c.tar.zst");

        var result = await host.RunWithAsync([$"STASIS_FAULT={step}=kill"], "container", "checkpoint", "--export", archive, "c");
        Assert.Equal(Killed, result.ExitCode);

        var status = await Status(host, "c");
        if (status == "running")
            await host.CountsOnAsync("c");
        else
            Assert.Equal("exited", status);
        Assert.True(status == "running" || File.Exists(archive), "neither a running container nor an archive");
        if (File.Exists(archive))
            await RestoresAsync(host, archive, "copy");
        Assert.Empty(Directory.GetFiles(host.Folder, ".*"));
        Assert.False(Directory.Exists(Path.Combine(host.Root, "containers", await host.InspectAsync("c", "{{.Id}}"), "dump")));
    }

    [Theory]
    [MemberData(nameof(CheckpointSteps))]
    public async Task Export_that_leaves_it_running(string step)
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var archive = host.PathOf("c.tar.zst");

        var result = await host.RunWithAsync([$"STASIS_FAULT={step}=kill"], "container", "checkpoint", "-R", "--export", archive, "c");
        Assert.Equal(Killed, result.ExitCode);

        Assert.Equal("running", await Status(host, "c"));
        await host.CountsOnAsync("c");
        await host.CountedWithoutGapAsync("c");
        if (File.Exists(archive))
            await RestoresAsync(host, archive, "copy");
    }

    [Theory]
    [InlineData("checkpoint.frozen", Signals.Kill)]
    [InlineData("checkpoint.taken", Signals.Kill)]
    [InlineData("archive.entry", Signals.Kill)]
    [InlineData("archive.entry", Signals.Int, Signals.Int)] // who presses Ctrl-C twice doesn't wait
    public async Task Container_is_thawed_though_no_other_command_comes(string step, params int[] signals)
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var (log, hold) = (await host.InspectAsync("c", "{{.HostConfig.LogConfig.Path}}"), host.PathOf("hold"));
        await File.Create(hold).DisposeAsync();

        using var stasis = host.Start([$"STASIS_FAULT={step}=wait:{hold}"], "checkpoint", "-e", host.PathOf("c.tar.zst"), "c");
        await Eventually.FileAsync(hold + ".hit");
        var before = new FileInfo(log).Length;
        foreach (var signal in signals)
        {
            await SentSignal.SendAsync(stasis.Id, signal);
        }
        Assert.Equal(128 + signals[^1], await Eventually.EndsAsync(stasis.WaitAsync(TestContext.Current.CancellationToken)));

        await Eventually.GetAsync(() => Task.FromResult(new FileInfo(log).Length), length => length > before);
        await host.CountedWithoutGapAsync("c");
    }

    [Theory]
    [MemberData(nameof(InPlaceSteps))]
    public async Task In_place(string step)
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");

        var result = await host.RunWithAsync([$"STASIS_FAULT={step}=kill"], "container", "checkpoint", "c");
        Assert.Equal(Killed, result.ExitCode);

        if (await Status(host, "c") == "exited")
            await host.OkAsync("container", "restore", "c");
        await host.CountsOnAsync("c");
        await host.CountedWithoutGapAsync("c");
    }

    [Theory]
    [MemberData(nameof(RestoreSteps))]
    public async Task Import(string step)
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var archive = host.PathOf("c.tar.zst");
        await host.OkAsync("container", "checkpoint", "--export", archive, "c");
        await host.OkAsync("rm", "c");

        var result = await host.RunWithAsync([$"STASIS_FAULT={step}=kill"], "container", "restore", "--import", archive);
        Assert.Equal(Killed, result.ExitCode);

        // Either nothing of it is there, and it can be restored again, or it runs.
        if (await host.OkAsync("ps", "-a", "--format", "{{.Names}}") == "")
        {
            await Leftovers.AssertNoneAsync(host);
            await host.OkAsync("container", "restore", "--import", archive);
        }
        await host.CountsOnAsync("c");
        await host.CountedWithoutGapAsync("c");
    }

    [Theory]
    [InlineData("restore.mounted")]
    [InlineData("restore.launching")]
    [InlineData("restore.launched")]
    [InlineData("restore.saved")]
    public async Task Restore_in_place(string step)
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        await host.OkAsync("container", "checkpoint", "c");

        var result = await host.RunWithAsync([$"STASIS_FAULT={step}=kill"], "container", "restore", "c");
        Assert.Equal(Killed, result.ExitCode);

        if (await Status(host, "c") == "exited")
            await host.OkAsync("container", "restore", "c");
        await host.CountsOnAsync("c");
    }

    /// <summary>The second Ctrl-C ends the command while the first has it take back what it has made.</summary>
    [Theory]
    [InlineData("restore")]
    [InlineData("restore in place")]
    [InlineData("clone")]
    public async Task Second_signal_while_a_restore_is_undone(string verb)
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var (archive, at, undoing) = (host.PathOf("c.tar.zst"), host.PathOf("at"), host.PathOf("undoing"));
        string[] command = verb switch
        {
            "restore" => ["container", "restore", "--import", archive, "--name", "copy"],
            "clone" => ["clone", "--name", "copy", "c"],
            _ => ["container", "restore", "c"],
        };
        if (verb != "clone")
            await host.OkAsync(["container", "checkpoint", .. verb == "restore" ? (string[])["-R", "--export", archive] : [], "c"]);
        await File.WriteAllTextAsync(at, "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(undoing, "", TestContext.Current.CancellationToken);

        using var stasis = host.Start([$"STASIS_FAULT=restore.launching=wait:{at},restore.undoing=wait:{undoing}"], command);
        await Eventually.FileAsync(at + ".hit");
        await SentSignal.SendAsync(stasis.Id, Signals.Int);
        File.Delete(at);
        await Eventually.FileAsync(undoing + ".hit");
        await SentSignal.SendAsync(stasis.Id, Signals.Int);
        Assert.Equal(128 + Signals.Int, await Eventually.EndsAsync(stasis.WaitAsync(TestContext.Current.CancellationToken)));

        Assert.Equal("c", await host.OkAsync("ps", "-a", "--format", "{{.Names}}"));
        if (verb == "restore in place")
            await host.OkAsync("container", "restore", "c");
        await host.CountsOnAsync("c");
        await host.CountedWithoutGapAsync("c");
        if (verb == "clone")
            Assert.Equal("", await host.OkAsync("checkpoint", "ls", "-q"));
        await host.OkAsync("rm", "-f", "c");
        await Leftovers.AssertNoneAsync(host);
    }

    [Fact]
    public async Task Failure_of_a_restore_is_told_with_that_of_taking_it_back()
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var archive = host.PathOf("c.tar.zst");
        await host.OkAsync("container", "checkpoint", "--export", archive, "c");
        await host.OkAsync("rm", "c");

        var result = await host.RunWithAsync(
            ["STASIS_FAULT=restore.launching=error,restore.undoing=error"], "container", "restore", "--import", archive);

        Assert.Equal(125, result.ExitCode);
        Assert.Contains("fault point restore.launching", result.Error, StringComparison.Ordinal);
        Assert.Contains(
            "what was made for it couldn't all be removed: fault point restore.undoing", result.Error, StringComparison.Ordinal);
        Assert.Equal("", await host.OkAsync("ps", "-aq"));
        await Leftovers.AssertNoneAsync(host);
    }

    /// <summary>What CRIU and the runtime mount for themselves while they restore, in their jail.</summary>
    [Theory]
    [InlineData("/.criu.mntns.")]
    [InlineData("/criu-root")]
    public async Task Import_while_CRIU_has_something_mounted(string point)
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var archive = host.PathOf("c.tar.zst");
        await host.OkAsync("container", "checkpoint", "--export", archive, "c");
        await host.OkAsync("rm", "c");

        var caught = false;
        for (var attempt = 0; attempt < 50 && !caught; attempt++)
        {
            var command = Task.Run(
                () => host.ShellAsync($"echo $$ >{host.PathOf("pid")}; exec {host.Line} container restore --import {archive}"),
                    TestContext.Current.CancellationToken);
            while (!caught && !command.IsCompleted)
            {
                caught = AllMounts().Any(mounts => mounts.Contains(point, StringComparison.Ordinal)
                    && mounts.Contains(host.Folder, StringComparison.Ordinal));
            }
            if (caught)
            {
                using var stasis =
                    PidFd.Open(int.Parse(await File.ReadAllTextAsync(host.PathOf("pid"), TestContext.Current.CancellationToken),
                        CultureInfo.InvariantCulture));
                stasis?.Signal(9);
            }
            await command;
            if (!caught)
                await host.OkAsync("rm", "-f", "-t", "0", "c");
        }
        Assert.True(caught, $"{point} was never seen");

        if (await host.OkAsync("ps", "-a", "--format", "{{.Names}}") == "")
        {
            await Leftovers.AssertNoneAsync(host);
            await host.OkAsync("container", "restore", "--import", archive);
        }
        await host.CountsOnAsync("c");
    }

    // The mounts of every process, each with a mount namespace and a root of its own.
    private static IEnumerable<string> AllMounts()
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            string mounts;
            try
            {
                mounts = File.ReadAllText(Path.Combine(process, "mounts"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // it has ended
            }
            yield return mounts;
        }
    }

    private static Task<string> Status(StasisHost host, string name) => host.InspectAsync(name, "{{.State.Status}}");

    private static async Task RestoresAsync(StasisHost host, string archive, string name)
    {
        await host.OkAsync("container", "restore", "--import", archive, "--name", name);
        await host.CountsOnAsync(name);
        await host.CountedWithoutGapAsync(name);
    }
}
