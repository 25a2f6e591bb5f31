using System.Net.Sockets;
using System.Text;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>Sockets of unix(7) that have other names than those that they were bound to, and such as lead out of the container.</summary>
public sealed class UnixSocketTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();
    private readonly StasisHost _other = new();

    private string Archive => _host.PathOf("archive.tar");

    public async ValueTask InitializeAsync()
    {
        foreach (var host in (StasisHost[])[_host, _other])
            await host.ImportBusyboxAsync("workload", ["unixname"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await _host.DisposeAsync(); // its containers' cgroups are those of the other's
    }

    [Theory]
    [InlineData("link", "/run/app.sock")]
    [InlineData("rename", "/tmp/folder/app.sock")]
    [InlineData("relative-link", "/dev/shm/app.sock")]
    [InlineData("link", "/data/app.sock")]
    [InlineData("rename", "/scratch/app.sock")]
    [InlineData("rename", "/linked/app.sock")] // a symbolic link leads there
    public async Task Socket_answers_under_the_name_that_it_has(string how, string path)
    {
        await StartAsync(how, path);
        await AskAsync(_host, "c", path, 2);
        await _host.OkAsync("container", "checkpoint", "-R", "-c", "none", "-e", Archive, "c");
        await AskAsync(_host, "c", path, 3);
        await _host.OkAsync("rm", "-f", "-t", "0", "c"); // its cgroup has the same name

        await _other.OkAsync("container", "restore", "-i", Archive);
        await AskAsync(_other, "c", path, 3);

        await _other.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, "c");
        await _other.OkAsync("rm", "c");
        await _other.OkAsync("volume", "prune", "-f");
        await _other.OkAsync("container", "restore", "-i", Archive, "-n", "second");
        await AskAsync(_other, "second", path, 4);

        await _other.OkAsync("container", "checkpoint", "second");
        await _other.OkAsync("container", "restore", "second");
        await AskAsync(_other, "second", path, 5);
    }

    [Fact]
    public async Task Further_name_of_a_socket_is_warned_about()
    {
        await StartAsync("both", "/run/app.sock");
        var result = await _host.RunAsync("container", "checkpoint", "-c", "none", "-e", Archive, "c");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("the Unix socket /run/app.sock.first has further names", result.Error, StringComparison.Ordinal);
        await _other.OkAsync("container", "restore", "-i", Archive);
        Assert.Equal("2", await _other.OkAsync("exec", "c", "unixname", "ask", "/run/app.sock.first"));
    }

    [Fact]
    public async Task Socket_with_a_relative_name_that_was_renamed_is_refused_under_both_names()
    {
        await StartAsync("relative-rename", "/run/app.sock");
        var error = await _host.FailAsync("container", "checkpoint", "-e", Archive, "c");
        Assert.Matches(
            @"\(unixname\), descriptor \d+: the Unix socket /run/app\.sock was bound to the relative path app\.sock\.first", error);
        await AskAsync(_host, "c", "/run/app.sock", 2);
    }

    [Fact]
    public async Task Client_outside_the_container_is_named()
    {
        await StartAsync("link", "/host/app.sock", ask: false);
        using (var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await client.ConnectAsync(new UnixDomainSocketEndPoint(_host.PathOf("shared/app.sock")), TestContext.Current.CancellationToken);
            Assert.NotEqual(0, await client.ReceiveAsync(new byte[8], TestContext.Current.CancellationToken));
            var error = await _host.FailAsync("container", "checkpoint", "-e", Archive, "c");
            Assert.Matches(
                @"\(unixname\), descriptor \d+: a Unix socket, /host/app\.sock\.first, connected to "
                    + $@".*\(PID {Environment.ProcessId}, descriptor \d+\)",
                error);
            Assert.DoesNotContain("criu", error, StringComparison.OrdinalIgnoreCase);
            await AskAsync(_host, "c", "/host/app.sock", 2);
        }
        Assert.Contains(
            "connected to a process that has closed its end",
            await _host.FailAsync("container", "checkpoint", "-e", Archive, "c"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_come_and_go_in_the_container_are_not_outside()
    {
        const string Clients = "(while :; do unixname ask /run/app.sock; done >/dev/null 2>&1) & ";
        await _host.OkAsync(
            "run", "-d", "--name", "c", "workload", "sh", "-c", $"{Clients}{Clients}{Clients}exec unixname link /run/app.sock >/dev/null");
        for (var look = 0; look < (LongForm.IsAsked ? 200 : 30); look++)
        {
            var result = await _host.RunAsync("container", "checkpoint", "--dry-run", "c");
            Assert.DoesNotContain("outside of the container", result.Output + result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Server_outside_the_container_is_named()
    {
        var path = _host.PathOf("shared/host.sock");
        Directory.CreateDirectory(_host.PathOf("shared"));
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint(path));
        server.Listen();
        await _host.OkAsync(
            "run", "-d", "--name", "c", "-v", $"{_host.PathOf("shared")}:/host", "workload", "unixname", "hold", "/host/host.sock");
        using (var accepted = await server.AcceptAsync(TestContext.Current.CancellationToken))
        {
            await accepted.SendAsync(Encoding.ASCII.GetBytes("1\n"), TestContext.Current.CancellationToken);
            await Eventually.GetAsync(() => _host.OkAsync("logs", "c"), log => log == "1");
            var error = await _host.FailAsync("container", "checkpoint", "-e", Archive, "c");
            Assert.Matches($@"\(unixname\), descriptor \d+: a Unix socket connected to {path} of .*\(PID {Environment.ProcessId}, ", error);
            Assert.DoesNotContain("criu", error, StringComparison.OrdinalIgnoreCase);
            Assert.Equal("running", await _host.InspectAsync("c", "{{.State.Status}}"));
        }
    }

    // With one client of its own that stays connected, unless it is not to be asked.
    private async Task StartAsync(string how, string path, bool ask = true)
    {
        Directory.CreateDirectory(_host.PathOf("shared"));
        var hold = ask ? $"(until unixname hold {path}; do sleep 0.1; done) & " : "";
        string[] shared = path.StartsWith("/host", StringComparison.Ordinal) ? ["-v", $"{_host.PathOf("shared")}:/host"] : [];
        await _host.OkAsync(
        [
            "run", "-d", "--name", "c", "-v", "data:/data", .. shared, "--tmpfs", "/scratch", "workload", "sh", "-c",
            $"mkdir /tmp/folder; ln -s /var/tmp /linked; {hold}exec unixname {how} {path}",
        ]);
        if (ask)
            await Eventually.GetAsync(() => _host.OkAsync("logs", "c"), log => log.EndsWith('1'));
        else
            await Eventually.GetAsync(() => _host.RunAsync("exec", "c", "test", "-S", path), result => result.ExitCode == 0);
    }

    private static async Task AskAsync(StasisHost host, string container, string path, int count)
    {
        Assert.Equal($"{count}", await host.OkAsync("exec", container, "unixname", "ask", path));
        Assert.Equal("1", await host.OkAsync("exec", container, "sh", "-c", $"ls -d {path}* | wc -l"));
    }
}
