using System.Text;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Faults;

/// <summary>A part that Stasis drives is missing, hangs, or is killed at work.</summary>
public sealed class PartsTests
{
    [Theory]
    [InlineData("criu")]
    [InlineData("runc")]
    public async Task Checkpoint_without_a_part_leaves_the_container_running(string part)
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");

        var result = await RunWithoutAsync(host, part, "container", "checkpoint", "--export", host.PathOf("c.tar"), "c");

        Assert.Equal(125, result.ExitCode);
        Assert.Contains(part, result.Error, StringComparison.Ordinal);
        Assert.Contains("stasis doctor", result.Error, StringComparison.Ordinal);
        await host.CountsOnAsync("c");
        Assert.Empty(Directory.GetFiles(host.Folder, "*.tar"));
    }

    [Theory]
    [InlineData("criu")]
    [InlineData("runc")]
    [InlineData("conmon")]
    public async Task Restore_without_a_part_leaves_nothing(string part)
    {
        await using var host = new StasisHost();
        var archive = await ArchiveAsync(host);

        var result = await RunWithoutAsync(host, part, "container", "restore", "--import", archive);

        Assert.Equal(125, result.ExitCode);
        Assert.Contains(part, result.Error, StringComparison.Ordinal);
        Assert.Contains("stasis doctor", result.Error, StringComparison.Ordinal);
        await Leftovers.AssertNoneAsync(host);
    }

    [Fact]
    public async Task Without_its_runtime_no_container_is_made()
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();

        var error = await host.FailAsync("--runtime", "/no/such/runc", "create", "busybox", "true");

        Assert.StartsWith("Error: OCI runtime /no/such/runc: not found, or not executable\n", error, StringComparison.Ordinal);
        Assert.Equal("", await host.OkAsync("ps", "-aq"));
        await Leftovers.AssertNoneAsync(host);
    }

    [Fact]
    public async Task A_container_whose_runtime_is_gone_is_put_right_and_removed()
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        var runtime = host.PathOf("runc");
        File.Copy(ExecutablePath.Find("runc")!, runtime);
        await host.OkAsync("--runtime", runtime, "create", "--name", "c", "busybox", "sleep", "100");
        // Mounts are there, and the runtime has not been asked for anything yet.
        Assert.Equal(137, (await host.RunWithAsync(["STASIS_FAULT=start.mounted=kill"], "start", "c")).ExitCode);
        File.Delete(runtime);

        Assert.Equal("created", await host.InspectAsync("c", "{{.State.Status}}{{.State.Error}}"));
        Assert.Contains($"OCI runtime {runtime}: not found", await host.FailAsync("start", "c"), StringComparison.Ordinal);
        await host.OkAsync("rm", "c");
        await Leftovers.AssertNoneAsync(host);
    }

    [Fact]
    public async Task Cancelling_a_checkpoint_whose_CRIU_hangs_leaves_the_container_running()
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var criu = HangingCriu(host);

        using var checkpoint = host.Start([$"STASIS_CRIU={criu}"], "container", "checkpoint", "--export", host.PathOf("c.tar"), "c");
        await HangsAsync(host, criu);
        checkpoint.Signal(2 /* SIGINT */);
        Assert.NotEqual(0, await Eventually.EndsAsync(checkpoint.WaitAsync(TestContext.Current.CancellationToken)));

        Assert.Equal("running", await host.InspectAsync("c", "{{.State.Status}}"));
        await host.CountsOnAsync("c");
        Assert.False(File.Exists(host.PathOf("c.tar")));
    }

    [Fact]
    public async Task Cancelling_a_restore_whose_CRIU_hangs_leaves_nothing()
    {
        await using var host = new StasisHost();
        var archive = await ArchiveAsync(host);
        var criu = HangingCriu(host);

        using var restore = host.Start([$"STASIS_CRIU={criu}"], "container", "restore", "--import", archive);
        await HangsAsync(host, criu);
        restore.Signal(2 /* SIGINT */);
        Assert.NotEqual(0, await Eventually.EndsAsync(restore.WaitAsync(TestContext.Current.CancellationToken)));

        await Leftovers.AssertNoneAsync(host);
        await host.OkAsync("container", "restore", "--import", archive);
        await host.CountsOnAsync("c");
    }

    [Fact]
    public async Task CRIU_killed_in_the_middle_of_a_dump_leaves_the_container_running()
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync("busybox", "filled");
        await host.OkAsync("run", "-d", "--name", "m", "busybox", "filled", "256");
        await host.CountsBeyondAsync("m", 2);
        var pages = Path.Combine(host.Root, "containers", await host.InspectAsync("m", "{{.Id}}"), "dump", "checkpoint", "pages-1.img");

        using var checkpoint = host.Start([], "container", "checkpoint", "--export", host.PathOf("m.tar"), "m");
        var ending = checkpoint.WaitAsync(TestContext.Current.CancellationToken);
        int? criu = null;
        await Eventually.TrueAsync(() => (criu = Writer(pages)) is not null || ending.IsCompleted, "CRIU to write the memory");
        Assert.NotNull(criu);
        using (var descriptor = PidFd.Open(criu.Value))
            descriptor?.Signal(9);

        Assert.Equal(125, await Eventually.EndsAsync(ending));
        Assert.Equal("running", await host.InspectAsync("m", "{{.State.Status}}"));
        await host.CountsOnAsync("m");
        Assert.False(File.Exists(host.PathOf("m.tar")));
    }

    [Fact]
    public async Task A_container_whose_conmon_was_killed_can_be_removed()
    {
        await using var host = new StasisHost();
        await host.ImportBusyboxAsync();
        await host.StartCounterAsync("c");
        var conmon = int.Parse(
            await File.ReadAllTextAsync(Path.Combine(host.RunRoot, "containers", await host.InspectAsync("c", "{{.Id}}"), "conmon.pid"),
                TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);
        using (var descriptor = PidFd.Open(conmon))
            descriptor!.Signal(9);

        await host.OkAsync("rm", "-f", "c");
        await Leftovers.AssertNoneAsync(host);
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

    // A PATH of links to everything but the part; and where eng/setup.sh has put a CRIU, which Stasis looks for beside PATH, an empty
    // folder lies over it.
    private static Task<ProgramResult> RunWithoutAsync(StasisHost host, string part, params string[] arguments)
    {
        const string Hide = "[ ! -d /usr/local/lib/stasis ] || mount -t tmpfs none /usr/local/lib/stasis; exec \"$@\"";
        var bin = host.PathOf("bin");
        Directory.CreateDirectory(bin);
        foreach (var folder in (string[])["/usr/sbin", "/usr/bin", "/usr/local/bin", "/sbin", "/bin"])
            foreach (var program in Directory.GetFiles(folder)
                .Select(Path.GetFileName)
                .Where(name => name != part && !File.Exists(Path.Combine(bin, name!))))
                File.CreateSymbolicLink(Path.Combine(bin, program!), Path.Combine(folder, program!));
        var command = host.Command(["PATH=" + bin, "STASIS_CRIU="], arguments);
        return Spawn.RunAsync(
            command with { Program = "unshare", Arguments = ["-m", "sh", "-c", Hide, "sh", command.Program, .. command.Arguments] },
            StasisHost.TimeLimit, TestContext.Current.CancellationToken);
    }

    // Proceeds as CRIU does until it is asked to dump or restore (runc asks for its version first), then hangs.
    private static string HangingCriu(StasisHost host)
    {
        var folder = host.PathOf("hanging");
        Directory.CreateDirectory(folder);
        var criu = Path.Combine(folder, "criu");
        // As a runtime calls it to dump or restore. In a restore's jail it finds no other program, so it stops itself.
        const string Script = """
            #!/bin/sh
            [ "$1" = swrk ] || exec criu "$@"
            kill -STOP $$

            """;
        AtomicFile.Write(criu, Encoding.ASCII.GetBytes(Script), mode: 0x1ED /* 0755 */);
        return criu;
    }

    private static Task HangsAsync(StasisHost host, string criu) => Eventually.TrueAsync(
        () => Leftovers.Processes(host).Any(process => process.CommandLine.Contains(criu + " swrk", StringComparison.Ordinal)),
        $"{criu} to hang");

    // The process that has the file of memory pages open: CRIU, by whatever name it was started, in the midst of its work. (Its log is open
    // in the container's process too.)
    private static int? Writer(string file)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(d => Path.GetFileName(d).All(char.IsAsciiDigit)))
        {
            try
            {
                if (Directory.EnumerateFiles(Path.Combine(directory, "fd")).Any(fd => new FileInfo(fd).LinkTarget == file))
                    return int.Parse(Path.GetFileName(directory), System.Globalization.CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // it has ended
            }
        }
        return null;
    }
}
