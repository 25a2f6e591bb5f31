using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>Files that are written anew for each restore, and that a program has changed or holds open.</summary>
public sealed class EtcChangesTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("archive.tar");

    public async ValueTask InitializeAsync() => await _host.ImportBusyboxAsync("workload");

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task What_a_program_changed_is_in_every_copy()
    {
        await StartAsync("echo 192.0.2.7 added >>/etc/hosts; echo nameserver 192.0.2.53 >/etc/resolv.conf");
        await CheckpointAsync("original");
        foreach (var name in (string[])["first", "second"])
        {
            await RestoreAsync(name);
            Assert.Contains("192.0.2.7 added", await ReadAsync(name, "/etc/hosts"), StringComparison.Ordinal);
            Assert.Equal("nameserver 192.0.2.53", await ReadAsync(name, "/etc/resolv.conf"));
        }
        await CheckpointAsync("second");
        await RestoreAsync("third");
        var hosts = await ReadAsync("third", "/etc/hosts");
        Assert.Single(hosts.Split('\n'), line => line == "192.0.2.7 added");
        Assert.Contains("third", hosts, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_program_changed_is_there_after_a_restore_in_place()
    {
        await StartAsync("echo 192.0.2.7 added >>/etc/hosts");
        await _host.OkAsync("container", "checkpoint", "original");
        await _host.OkAsync("container", "restore", "original");
        Assert.Contains("192.0.2.7 added", await ReadAsync("original", "/etc/hosts"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_in_hostname_give_way_to_a_new_hostname()
    {
        await StartAsync("echo changed >/etc/hostname");
        await CheckpointAsync("original");
        await RestoreAsync("copy");
        Assert.Equal("changed", await ReadAsync("copy", "/etc/hostname"));
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "renamed", "--hostname", "renamed");
        Assert.Equal("renamed", await ReadAsync("renamed", "/etc/hostname"));
    }

    /// <summary>The length of a file with the container's own name in it differs from copy to copy.</summary>
    [Fact]
    public async Task File_that_a_program_holds_open_is_no_obstacle()
    {
        await StartAsync("exec 3</etc/hosts 4>>/etc/resolv.conf; echo '# more' >&4");
        await CheckpointAsync("original");
        await RestoreAsync("copy-with-a-long-name");
        Assert.EndsWith("# more", await ReadAsync("copy-with-a-long-name", "/etc/resolv.conf"), StringComparison.Ordinal);
    }

    private async Task StartAsync(string script)
    {
        await _host.OkAsync("run", "-d", "--name", "original", "workload", "sh", "-c",
            $"{script}; touch /ready; while sleep 1; do :; done");
        await Eventually.GetAsync(() => _host.RunAsync("exec", "original", "test", "-e", "/ready"), result => result.ExitCode == 0);
    }

    private Task<string> CheckpointAsync(string name) => _host.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, name);

    private Task<string> RestoreAsync(string name) => _host.OkAsync("container", "restore", "-i", Archive, "-n", name);

    private Task<string> ReadAsync(string name, string file) => _host.OkAsync("exec", name, "cat", file);
}
