using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>
/// Files that are open under a deleted name and have another one. CRIU gives them further names, which neither the original nor a copy
/// may keep.
/// </summary>
public sealed class LinkedFileTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();
    private readonly StasisHost _other = new();

    private string Archive => _host.PathOf("archive.tar");

    public async ValueTask InitializeAsync()
    {
        foreach (var host in (StasisHost[])[_host, _other])
            await host.ImportBusyboxAsync("workload", ["linked", "semaphores"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await _host.DisposeAsync(); // its containers' cgroups are those of the other's
    }

    [Theory]
    [InlineData("linked", "/tmp/linked")]
    [InlineData("linked", "/dev/shm/linked")]
    [InlineData("linked", "/data/folder/linked")]
    [InlineData("linked", "/scratch/linked")]
    [InlineData("semaphores")]
    public async Task File_keeps_its_other_name_from_host_to_host_and_in_place(params string[] command)
    {
        await _host.OkAsync(
        [
            "run", "-d", "--name", "c", "-v", "data:/data", "--tmpfs", "/scratch", "workload", "sh", "-c",
            "mkdir /data/folder; exec \"$@\"", "sh", .. command,
        ]);
        await Workload.CountsAsync(_host, "c", 3);
        await _host.OkAsync("container", "checkpoint", "-R", "-c", "none", "-e", Archive, "c");
        await AssertCountsAsync(_host);
        await _host.OkAsync("rm", "-f", "-t", "0", "c"); // its cgroup has the same name

        await _other.OkAsync("container", "restore", "-i", Archive);
        await AssertCountsAsync(_other);

        await _other.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, "c");
        await _other.OkAsync("rm", "c");
        await _other.OkAsync("volume", "prune", "-f");
        await _other.OkAsync("container", "restore", "-i", Archive);
        await AssertCountsAsync(_other);

        await _other.OkAsync("container", "checkpoint", "c");
        await _other.OkAsync("container", "restore", "c");
        await AssertCountsAsync(_other);
    }

    /// <summary>overlayfs gives no other name to a file of a lower layer, and says that it has one.</summary>
    [Fact]
    public async Task Open_file_of_the_image_that_was_deleted_is_kept()
    {
        const string Script =
            "exec 3</etc/group; rm /etc/group; while sleep 0.05 && test -s /proc/self/fd/3; do echo $((n += 1)); done; echo BROKEN";
        await _host.OkAsync("run", "-d", "--name", "c", "workload", "sh", "-c", Script);
        await Workload.CountsAsync(_host, "c", 3);
        await _host.OkAsync("container", "checkpoint", "-R", "-c", "none", "-e", Archive, "c");
        await AssertCountsAsync(_host);
        await _host.OkAsync("rm", "-f", "-t", "0", "c");
        await _other.OkAsync("container", "restore", "-i", Archive);
        await AssertCountsAsync(_other);
        Assert.NotEqual(0, (await _other.RunAsync("exec", "c", "test", "-e", "/etc/group")).ExitCode);
    }

    [Theory]
    [InlineData("/tmp/linked", "containers/*/upper/tmp")]
    [InlineData("/data/linked", "volumes/data/_data")]
    public async Task Killed_CRIU_leaves_no_names(string path, string folder)
    {
        await _host.OkAsync("run", "-d", "--name", "c", "-v", "data:/data", "--tmpfs", "/scratch", "workload", "linked", path);
        await Workload.CountsAsync(_host, "c", 3);
        var result = await _host.ShellAsync($"""
            export HOME=$PWD/home
            mkdir -p home/.criu
            echo "action-script $PWD/kill.sh" >home/.criu/default.conf
            cat >kill.sh <<'SH'
            #!/bin/sh
            [ $CRTOOLS_SCRIPT_ACTION = post-dump ] || exit 0
            ls {_host.Root}/{folder} >{_host.PathOf("seen")}
            kill -9 $PPID
            SH
            chmod 755 kill.sh
            {_host.Line} container checkpoint -c none -e archive.tar c
            """);
        Assert.Equal(125, result.ExitCode);
        Assert.Contains("The container runs as before.", result.Error, StringComparison.Ordinal);
        Assert.Contains("link_remap.", await File.ReadAllTextAsync(_host.PathOf("seen"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        await AssertCountsAsync(_host);
    }

    private static async Task AssertCountsAsync(StasisHost host)
    {
        await Workload.CountsAsync(host, "c", await Workload.CountsAsync(host, "c", 0) + 3);
        const string Find = "find /bin /d* /etc /root /run /scratch /tmp /var -name 'link_remap*'; ls -A / | grep link_remap";
        Assert.Equal("", await host.OkAsync("exec", "c", "sh", "-c", Find + "; true"));
    }
}
