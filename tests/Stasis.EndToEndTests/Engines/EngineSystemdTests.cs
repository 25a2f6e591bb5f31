using Stasis.EndToEndTests.Compatibility;
using Stasis.EndToEndTests.Harness;
using Stasis.EndToEndTests.Interop;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>Docker on a machine where systemd makes the cgroups, as on most hosts.</summary>
public sealed class EngineSystemdTests(InteropFixture interop) : IAsyncLifetime
{
    private const string Settings = """
        {
          "data-root": "/data/docker", "iptables": false, "ip6tables": false, "bridge": "none", "storage-driver": "overlay2",
          "exec-opts": ["native.cgroupdriver=systemd"], "runtimes": {"stasis": {"path": "RUNTIME"}}
        }
        """;

    private SystemdMachine? _machine;
    private string _exchange = "";

    private SystemdMachine Machine => _machine!;

    private string Stasis => Path.Combine(interop.Exchange, "stasis");

    public async ValueTask InitializeAsync()
    {
        await interop.RequireImageAsync("base");
        _exchange = Directory.CreateDirectory(Path.Combine(interop.Exchange, "systemd")).FullName;
        await interop.Podman("runc").OkAsync("save", "-o", Path.Combine(_exchange, "image.tar"), EngineDaemons.Image);
        File.CreateSymbolicLink(Path.Combine(_exchange, "stasis-runtime"), Stasis);
        await File.WriteAllTextAsync(
            Path.Combine(_exchange, "docker.json"),
            Settings.Replace("RUNTIME", Path.Combine(_exchange, "stasis-runtime"), StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        var folder = Directory.CreateTempSubdirectory("stasis-systemd-").FullName;
        _machine = await SystemdMachine.BootAsync(folder, interop.Exchange);
        await Machine.OkAsync("systemd-run", "--unit", "dockerd", "dockerd", "--config-file", Path.Combine(_exchange, "docker.json"));
        await Eventually.GetAsync(() => Machine.RunAsync("docker", "info"), result => result.ExitCode == 0);
        await Machine.OkAsync("docker", "load", "-i", Path.Combine(_exchange, "image.tar"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
            await _machine.DisposeAsync();
        Directory.Delete(_exchange, recursive: true);
    }

    [Fact]
    public async Task A_container_is_restored_into_a_scope_of_systemd()
    {
        var archive = Path.Combine(_exchange, "archive.tar");
        Assert.Equal("systemd 2", await Machine.OkAsync("docker", "info", "-f", "{{.CgroupDriver}} {{.CgroupVersion}}"));
        await Machine.OkAsync(
            "docker", "run", "-d", "--name", "made", "--network", "none", EngineDaemons.Image, "sh", "-c", Counter.Program);
        await CountsBeyondAsync("made", 3);
        await Machine.OkAsync(Stasis, "checkpoint", "--engine", "docker", "-c", "none", "-e", archive, "made");
        Cgroup2View.RemoveLegacyHierarchies(archive);
        await Machine.OkAsync("docker", "rm", "-f", "made");

        var id = await Machine.OkAsync(
            "docker", "run", "-d", "--name", "copy", "--network", "none", "--runtime", "stasis", "-v", $"{archive}:/.stasis:ro",
            EngineDaemons.Image, "sh");

        await CountsBeyondAsync("copy", 3);
        var unit = $"docker-{id}.scope";
        Assert.Equal(
            "ControlGroup=/system.slice/" + unit + "\nActiveState=active",
            Sorted(await Machine.OkAsync("systemctl", "show", unit, "--property", "ControlGroup,ActiveState")));
        var pid = await Machine.OkAsync("docker", "inspect", "-f", "{{.State.Pid}}", "copy");
        var members = await Machine.OkAsync("cat", $"/sys/fs/cgroup/system.slice/{unit}/container/cgroup.procs");
        Assert.Contains(pid, members.Split('\n'));
        Assert.Equal(
            $"/sys/fs/cgroup/system.slice/{unit}/container",
            await Machine.OkAsync("find", $"/sys/fs/cgroup/system.slice/{unit}", "-mindepth", "1", "-type", "d"));
        await Machine.OkAsync("docker", "pause", "copy");
        await Machine.OkAsync("docker", "unpause", "copy");
        await CountsBeyondAsync("copy", (await ReadAsync("copy"))[^1]);
        await Machine.OkAsync("docker", "stop", "copy");
        Assert.Equal("7", await Machine.OkAsync("docker", "inspect", "-f", "{{.State.ExitCode}}", "copy"));
        await Machine.OkAsync("docker", "rm", "copy");
        await Eventually.GetAsync(
            () => Machine.OkAsync("systemctl", "list-units", "--all", "--no-legend", "docker-*.scope"), units => units.Length == 0);
        Assert.Equal("", await Machine.OkAsync("find", "/sys/fs/cgroup", "-name", $"*{id}*"));
    }

    /// <summary>Newer versions of runc take no cgroup in which there is a process.</summary>
    [Fact]
    public async Task Stasis_itself_restores_there()
    {
        var archive = Path.Combine(_exchange, "own.tar");
        string[] stasis = [Stasis, "--root", "/data/stasis"];
        var rootfs = Path.Combine(_exchange, "rootfs.tar");
        File.Copy(await TestImages.RootfsAsync(), rootfs);
        await Machine.OkAsync([.. stasis, "image", "import", rootfs, "base"]);
        await Machine.OkAsync(
            [.. stasis, "run", "-d", "--name", "made", "--network", "none", "base", "sh", "-c", Counter.Program]);
        Task<List<int>> ReadOwnAsync(string name) => ReadAsync([.. stasis, "logs", name]);
        await Eventually.GetAsync(() => ReadOwnAsync("made"), counted => counted is [.., > 3]);

        await Machine.OkAsync([.. stasis, "container", "checkpoint", "-c", "none", "-e", archive, "made"]);
        await Machine.OkAsync([.. stasis, "container", "restore", "-i", archive, "-n", "copy"]);

        var first = await ReadOwnAsync("copy");
        await Eventually.GetAsync(() => ReadOwnAsync("copy"), counted => counted is [.., var last] && last > first[^1]);
        Assert.EndsWith("0::/", await Machine.OkAsync([.. stasis, "exec", "copy", "cat", "/proc/self/cgroup"]), StringComparison.Ordinal);
        await Machine.OkAsync([.. stasis, "rm", "-f", "-t", "0", "made", "copy"]);
    }

    private Task<List<int>> CountsBeyondAsync(string container, int number) =>
        Eventually.GetAsync(() => ReadAsync(container), counted => counted is [.., var last] && last > number);

    private Task<List<int>> ReadAsync(string container) => ReadAsync(["docker", "logs", container]);

    private async Task<List<int>> ReadAsync(string[] logs) => Counter.Read(await Machine.OkAsync(logs));

    // systemctl keeps an order of its own.
    private static string Sorted(string lines) => string.Join('\n', lines.Split('\n').OrderDescending(StringComparer.Ordinal));
}
