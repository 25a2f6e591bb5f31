using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>What programs have that CRIU by itself refuses, or a restore by itself loses.</summary>
public sealed class KeptStateTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("archive.tar");

    public async ValueTask InitializeAsync() =>
        await _host.ImportBusyboxAsync(
            "workload",
            ["alarms", "counter", "backlog", "credentials", "deleted", "locks", "reserved", "spawner", "waits", "watch"]);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Datagrams_with_credentials_are_read_before_the_freeze()
    {
        await Workload.StartAsync(_host, "original", "credentials");
        for (var i = 0; i < 10; i++)
            await CheckpointAsync("-R");
        await RestoreCopyAsync();
    }

    [Fact]
    public async Task Connections_that_no_program_has_accepted_are_left_out()
    {
        await Workload.StartAsync(_host, "original", "backlog");
        var netns = Path.Combine(_host.RunRoot, "netns", await _host.InspectAsync("original", "{{.Id}}"));
        var script = $"exec 3<>/dev/tcp/127.0.0.1/8000; touch {_host.PathOf("connected")}; exec sleep infinity";
        string[] arguments = [$"--net={netns}", "--", "bash", "-c", script];
        using var client = Spawn.Start(new SpawnOptions { Program = "nsenter", Arguments = arguments });
        try
        {
            await Eventually.TrueAsync(() => File.Exists(_host.PathOf("connected")), "connected");
            await CheckpointAsync("-R");
            await RestoreCopyAsync();
        }
        finally
        {
            client.Signal(Signals.Kill);
            client.Wait();
        }
    }

    [Fact]
    public async Task Deleted_file_of_any_size_is_kept()
    {
        await Workload.StartAsync(_host, "original", "deleted", LongForm.IsAsked ? "2500" : "3");
        await CheckpointAsync();
        await RestoreCopyAsync();
    }

    [Fact]
    public async Task Locks_of_a_checkpoint_are_restored_without_being_asked_for()
    {
        await _host.OkAsync("run", "-d", "--name", "original", "workload", "locks", "hold", "/tmp");
        await Eventually.GetAsync(
            () => _host.RunAsync("exec", "original", "test", "-e", "/tmp/ready"), result => result.ExitCode == 0);
        await CheckpointAsync();
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy");
        Assert.Equal("flock held\nposix held\nofd held", await _host.OkAsync("exec", "copy", "locks", "probe", "/tmp"));
    }

    [Fact]
    public async Task Kernel_parameters_of_the_network_namespace_are_set_again()
    {
        const string File = "/proc/sys/net/ipv4/ping_group_range";
        await Workload.StartAsync(_host, "original", "counter");
        Assert.Equal("0\t0", await _host.OkAsync("exec", "original", "cat", File));
        await CheckpointAsync();
        await RestoreCopyAsync();
        Assert.Equal("0\t0", await _host.OkAsync("exec", "copy", "cat", File));
    }

    /// <summary>runc 1.1 starts it in the host's time namespace; the restored processes have one of their own.</summary>
    [Fact]
    public async Task Process_that_exec_left_behind_in_a_restored_container_can_be_restored()
    {
        await Workload.StartAsync(_host, "original", "counter");
        await CheckpointAsync();
        await RestoreCopyAsync();
        await _host.OkAsync("exec", "copy", "sh", "-c", "sleep 100000 >/dev/null 2>&1 &");
        await _host.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, "copy");
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "second");
        Assert.Contains("sleep 100000", await _host.OkAsync("exec", "second", "ps"), StringComparison.Ordinal);
    }

    /// <summary>Memory is supplied on demand by default; CRIU then maps writable what the program has only reserved.</summary>
    [Fact]
    public async Task Program_that_reserves_more_addresses_than_there_is_memory_is_restored()
    {
        await Workload.StartAsync(_host, "original", "reserved");
        await CheckpointAsync();
        await RestoreCopyAsync();
        var asked = await _host.RunAsync("container", "restore", "--lazy", "-i", Archive, "-n", "other");
        Assert.Equal(0, asked.ExitCode);
        Assert.Contains("its memory is loaded before it runs, as it reserves", asked.Error, StringComparison.Ordinal);
    }

    /// <summary>CRIU records of poll, nanosleep, clock_nanosleep and futex that they have failed with EINTR.</summary>
    [Fact]
    public async Task Waits_with_a_time_limit_go_on_in_the_original_and_in_a_copy()
    {
        await Workload.StartAsync(_host, "original", "waits");
        for (var i = 1; i <= 3; i++)
        {
            await CheckpointAsync("-R");
            await Workload.CountsAsync(_host, "original", 5 * i);
        }
        await RestoreCopyAsync();
    }

    /// <summary>CRIU reads pending signals before timers: one that expires in between is in neither.</summary>
    [Fact]
    public async Task Timer_that_expires_during_a_dump_is_not_lost()
    {
        await Workload.StartAsync(_host, "original", "alarms");
        for (var i = 0; i < 5; i++)
        {
            await CheckpointAsync("-R");
            await RestoreCopyAsync(beyond: await Workload.CountsAsync(_host, "original", 3));
            await _host.OkAsync("rm", "-f", "-t", "0", "copy");
        }
    }

    /// <summary>An overlay can't open the handles by which the kernel names what is watched.</summary>
    [Fact]
    public async Task Watches_on_the_root_file_system_are_kept()
    {
        await Workload.StartAsync(_host, "original", "watch");
        await CheckpointAsync("-R");
        await RestoreCopyAsync();
        await _host.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, "copy");
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "second");
        await Workload.CountsAsync(_host, "second", 16);
    }

    [Fact]
    public async Task Stopped_process_stays_stopped_in_the_original_and_in_a_copy()
    {
        await StartStoppedAsync();
        await CheckpointAsync("-R");
        Assert.Equal("T", await StateAsync("original"));
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy");
        Assert.Equal("T", await StateAsync("copy"));
        await _host.OkAsync("exec", "copy", "sh", "-c", "kill -CONT $(cat /tmp/job)");
        await Eventually.GetAsync(() => _host.RunAsync("exec", "copy", "test", "-e", "/tmp/done"), result => result.ExitCode == 0);
    }

    /// <summary>The container is frozen several times until no process waits in vfork.</summary>
    [Fact]
    public async Task Stopped_process_stays_stopped_beside_one_that_starts_programs()
    {
        await StartStoppedAsync("spawner >/dev/null &");
        for (var i = 0; i < 5; i++)
        {
            await CheckpointAsync("-R");
            Assert.Equal("T", await StateAsync("original"));
        }
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy");
        Assert.Equal("T", await StateAsync("copy"));
    }

    private async Task StartStoppedAsync(string beside = "")
    {
        const string Script = "(until test -e /tmp/go; do sleep 0.1; done; touch /tmp/done) & echo $! >/tmp/job; wait; sleep infinity";
        await _host.OkAsync("run", "-d", "--name", "original", "workload", "sh", "-c", $"{beside} {Script}");
        await Eventually.GetAsync(
            () => _host.RunAsync("exec", "original", "sh", "-c", "kill -STOP $(cat /tmp/job) && touch /tmp/go"),
            result => result.ExitCode == 0);
        Assert.Equal("T", await StateAsync("original"));
    }

    // "6 (sh) T 1 …"
    private async Task<string> StateAsync(string container) =>
        (await _host.OkAsync("exec", container, "sh", "-c", "cat /proc/$(cat /tmp/job)/stat")).Split(' ')[2];

    private Task<string> CheckpointAsync(params string[] options) =>
        _host.OkAsync(["container", "checkpoint", "-c", "none", "-e", Archive, .. options, "original"]);

    private async Task RestoreCopyAsync(int beyond = 8)
    {
        await _host.OkAsync("container", "restore", "-i", Archive, "-n", "copy");
        await Workload.CountsAsync(_host, "copy", beyond);
    }
}
