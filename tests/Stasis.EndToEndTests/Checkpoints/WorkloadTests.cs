using System.Net.Sockets;
using System.Text;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>Real work, frozen into an archive, removed, and brought back under its own name and under two new ones.</summary>
public sealed class WorkloadTests : IAsyncLifetime
{
    private static readonly string[] Programs = ["counter", "tree", "threads", "memory", "spawner"];

    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("archive.tar.zst");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync("workload", Programs);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("counter")]
    [InlineData("tree")]
    [InlineData("threads")]
    [InlineData("memory")]
    public async Task A_program_goes_on_counting(string program)
    {
        await Workload.StartAsync(_host, "original", program);
        var id = await _host.InspectAsync("original", "{{.Id}}");
        Assert.Equal("original", await _host.OkAsync("container", "checkpoint", "--export", Archive, "original"));
        Assert.Equal("exited true", await _host.InspectAsync("original", "{{.State.Status}} {{.State.Checkpointed}}"));
        var counted = await Workload.CountsAsync(_host, "original", 0);
        await _host.OkAsync("rm", "original");

        await RestoreAllAsync();
        Assert.Equal(id, await _host.InspectAsync("original", "{{.Id}}"));
        Assert.NotEqual(await _host.InspectAsync("copy-1", "{{.Id}}"), await _host.InspectAsync("copy-2", "{{.Id}}"));
        foreach (var name in (string[])["original", "copy-1", "copy-2"])
        {
            Assert.Equal("running true", await _host.InspectAsync(name, "{{.State.Status}} {{.State.Restored}}"));
            await Workload.CountsAsync(_host, name, counted + 5);
        }
    }

    /// <summary>
    /// Some processes wait in vfork(2) at any moment. CRIU can't take hold of them if their children are frozen before they run another
    /// program: a third of all checkpoints failed so.
    /// </summary>
    [Fact]
    public async Task A_container_that_starts_programs_all_the_time_can_be_checkpointed()
    {
        await Workload.StartAsync(_host, "original", "spawner");
        for (var i = 0; i < (LongForm.IsAsked ? 50 : 10); i++)
            await _host.OkAsync("container", "checkpoint", "-R", "-c", "none", "-e", Archive, "original");
        var counted = await Workload.CountsAsync(_host, "original", 0);
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy");
        await Workload.CountsAsync(_host, "copy", 1);
        await Workload.CountsAsync(_host, "original", counted + 5);
    }

    [Fact]
    public async Task A_shell_at_a_terminal_keeps_what_was_typed_before()
    {
        await _host.OkAsync("run", "-itd", "--name", "original", "workload", "sh");
        await TypeAsync("original", "X=41; cd /tmp; echo ready-$X\n");
        await SeesAsync("original", "ready-41");
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "original");
        await _host.OkAsync("rm", "original");

        await RestoreAllAsync();
        foreach (var name in (string[])["original", "copy-1", "copy-2"])
        {
            await TypeAsync(name, "echo value-$((X+1))-$PWD; test -t 0 && echo term''inal\n");
            await SeesAsync(name, "value-42-/tmp");
            await SeesAsync(name, "terminal");
        }
    }

    [Fact]
    public async Task A_Redis_server_keeps_its_data()
    {
        await _host.OkAsync("image", "import", await TestImages.UnpackedAsync("redis"), "redis");
        await _host.OkAsync(
            "run",
            "-d",
            "--name",
            "original",
            "redis",
            "redis-server",
            "--save",
            "",
            "--dir",
            "/tmp",
            "--enable-debug-command",
            "yes");
        await Eventually.GetAsync(() => _host.RunAsync("exec", "original", "redis-cli", "ping"), result => result.Output == "PONG\n");
        Assert.Equal("OK", await RedisAsync("original", "DEBUG", "POPULATE", "100000", "key", "100"));
        Assert.Equal("1", await RedisAsync("original", "INCR", "visits"));
        await _host.OkAsync("container", "checkpoint", "-e", Archive, "original");
        await _host.OkAsync("rm", "original");

        await RestoreAllAsync();
        foreach (var name in (string[])["original", "copy-1", "copy-2"])
        {
            Assert.Equal("100001", await RedisAsync(name, "DBSIZE"));
            Assert.StartsWith("value:99999", await RedisAsync(name, "GET", "key:99999"), StringComparison.Ordinal);
            Assert.Equal("2", await RedisAsync(name, "INCR", "visits"));
        }
    }

    [Fact]
    public async Task Checkpointed_and_restored_ten_times_without_loss()
    {
        await Workload.StartAsync(_host, "original", "tree");
        var counted = 0;
        for (var round = 1; round <= 10; round++)
        {
            var archive = _host.PathOf($"round-{round}.tar");
            await _host.OkAsync(
                "container",
                "checkpoint",
                "-e",
                archive,
                "-c",
                (round % 3) switch { 0 => "none", 1 => "zstd", _ => "gzip" },
                "original");
            var frozenAt = await Workload.CountsAsync(_host, "original", 0);
            // A busy machine may not let it print anything in between.
            Assert.True(frozenAt >= counted, $"round {round}: at {frozenAt}, after {counted} in the round before");
            await _host.OkAsync("rm", "original");
            await _host.OkAsync("container", "restore", "-i", archive);
            counted = await Workload.CountsAsync(_host, "original", frozenAt + 2);
        }
    }

    // Under its own name, and at the same time under two others.
    private async Task RestoreAllAsync()
    {
        var restores = await Task.WhenAll(
            _host.RunAsync("container", "restore", "--import", Archive),
            _host.RunAsync("container", "restore", "-i", Archive, "-n", "copy-1"),
            _host.RunAsync("container", "restore", "-i", Archive, "--name=copy-2"));
        Assert.All(restores, restore =>
        {
            Assert.True(restore.ExitCode == 0, restore.Error);
            Assert.Matches("^[0-9a-f]{64}\n$", restore.Output);
        });
    }

    private Task<string> RedisAsync(string container, params string[] command) =>
        _host.OkAsync(["exec", container, "redis-cli", .. command]);

    // conmon's attach socket takes what is typed as it is; through a link, since a socket's path may have 108 bytes only.
    private async Task TypeAsync(string container, string text)
    {
        var bundle = Path.GetDirectoryName(await _host.InspectAsync(container, "{{.OCIConfigPath}}"))!;
        var link = Path.Combine("/run", $"attach-{Guid.NewGuid():N}"[..20]);
        File.CreateSymbolicLink(link, bundle);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(link, "attach")), TestContext.Current.CancellationToken);
        File.Delete(link);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);
    }

    private Task<string> SeesAsync(string container, string text) =>
        Eventually.GetAsync(() => _host.OkAsync("logs", container), log => log.Split('\n', StringSplitOptions.TrimEntries).Contains(text));
}
