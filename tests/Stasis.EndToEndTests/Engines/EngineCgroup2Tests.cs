using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>
/// A second containerd, for which cgroup2 is all that there is of cgroups. The kernel shows no controller in it on a machine with v1 too:
/// limits can't be tried.
/// </summary>
[Collection<EngineCollection>]
public sealed class EngineCgroup2Tests(EngineDaemons daemons) : IAsyncLifetime
{
    private const string View = "umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup";

    private readonly string _name = $"cgroup2-{Guid.NewGuid():N}"[..16];

    private string Folder => Path.Combine(daemons.Folder, _name);

    // A socket has a short name.
    private string Socket => Path.Combine(daemons.Folder, _name[^8..] + ".sock");

    private string State => "/run/" + _name;

    private string Pid => Path.Combine(Folder, "pid");

    private string Log => Path.Combine(Folder, "log");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "containerd.toml"),
            $"""
            version = 3
            root = '{Folder}/containerd'
            state = '{State}'
            disabled_plugins = ['io.containerd.grpc.v1.cri']
            [grpc]
              address = '{Socket}'
            """,
            TestContext.Current.CancellationToken);
        var run = $"{View} && echo $$ >{Pid} && exec containerd --config {Folder}/containerd.toml";
        await EngineDaemons.ShellAsync($"setsid unshare --mount sh -c '{run}' >{Folder}/containerd.log 2>&1 </dev/null &");
        await Eventually.TrueAsync(() => File.Exists(Socket), "containerd's socket");
    }

    public async ValueTask DisposeAsync()
    {
        await EngineDaemons.ShellAsync($"kill $(cat {Pid}); while [ -d /proc/$(cat {Pid}) ]; do sleep 0.05; done");
        await EngineDaemons.ShellAsync($"umount -l $(grep -o ' {Folder}/[^ ]*' /proc/self/mountinfo) 2>/dev/null; true");
        await EngineDaemons.ShellAsync($"rm -rf {Folder} {Socket}* {State}");
    }

    [Fact]
    public async Task A_checkpoint_is_restored_held_paused_and_removed()
    {
        var archive = Path.Combine(Folder, "archive.tar");
        await Counter.CheckpointAsync(daemons.Interop.Podman("runc"), _name, ["--compress", "none", "--export", archive]);
        await daemons.Interop.Podman("runc").OkAsync("save", "-o", Path.Combine(Folder, "image.tar"), EngineDaemons.Image);
        await CtrAsync("images", "import", Path.Combine(Folder, "image.tar"));
        try
        {
            await CtrAsync(
                "run", "--detach", "--cpu-shares", "0", "--log-uri", $"file://{Log}", "--runc-binary", daemons.Runtime,
                "--mount", $"type=bind,src={archive},dst=/.stasis,options=rbind:ro", EngineDaemons.Image, _name, "sh");
            await CountsBeyondAsync(3);

            await CtrAsync("task", "pause", _name);
            await CtrAsync("task", "resume", _name);
            await CountsBeyondAsync((await ReadAsync())[^1]);
            var cgroup = await CtrAsync("task", "exec", "--exec-id", "look", _name, "cat", "/proc/self/cgroup");
            Assert.Contains("0::", cgroup, StringComparison.Ordinal);
        }
        finally
        {
            await EngineDaemons.ShellAsync(
                $"c='ctr --address {Socket}'; $c task rm -f {_name} 2>/dev/null; $c container rm {_name} 2>/dev/null; true");
        }
        Assert.Equal("", await EngineDaemons.FindLeftoversAsync(_name));
        Assert.Equal("", await EngineDaemons.ShellAsync($"nsenter -t $(cat {Pid}) -m find /sys/fs/cgroup -type d -name '*{_name}*'"));
    }

    private Task<string> CtrAsync(params string[] arguments) =>
        EngineDaemons.ShellAsync($"ctr --address {Socket} {string.Join(' ', arguments)}");

    private Task<List<int>> CountsBeyondAsync(int number) =>
        Eventually.GetAsync(ReadAsync, counted => counted is [.., var last] && last > number);

    private async Task<List<int>> ReadAsync() =>
        File.Exists(Log) ? Counter.Read(await File.ReadAllTextAsync(Log, TestContext.Current.CancellationToken)) : [];
}
