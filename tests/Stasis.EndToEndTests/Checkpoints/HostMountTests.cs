using System.Text.Json;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Mounts;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>
/// A file system that the host has mounted within the source of a bind mount stays the host's: it isn't copied into the archive, and
/// restored containers have it, not a copy.
/// </summary>
public sealed class HostMountTests : IAsyncLifetime
{
    private const string Script = "while sleep 0.05; do cat /o/sub/ask >>/o/sub/answer; done";

    private readonly StasisHost _host = new();
    private readonly StasisHost _other = new();

    private string Archive => _host.PathOf("archive.tar");

    private string Source => _host.PathOf("o");

    public async ValueTask InitializeAsync()
    {
        foreach (var host in (StasisHost[])[_host, _other])
            await host.ImportBusyboxAsync("workload");
        Directory.CreateDirectory($"{Source}/part");
        Directory.CreateDirectory($"{Source}/odd[1]");
        Directory.CreateDirectory(_host.PathOf("elsewhere"));
        _host.MountSmall($"{Source}/sub", 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Host_s_mount_within_a_bind_stays_the_host_s()
    {
        Mount.Make(_host.PathOf("elsewhere"), $"{Source}/part", null, MountFlags.Bind, null);
        try
        {
            await _host.OkAsync("run", "-d", "--name", "c", "-v", $"{Source}:/o", "workload", "sh", "-c", Script);
            await AssertIsHostsAsync(_host, "c");
            Assert.Equal(0, (await _host.RunAsync("container", "checkpoint", "--dry-run", "c")).ExitCode);
            await _host.OkAsync("container", "checkpoint", "-R", "-c", "none", "-e", Archive, "c");
            var copies = await _host.ShellAsync(
                $"mkdir images; tar -C images -xf {Archive} checkpoint; for f in images/checkpoint/tmpfs-*; do tar -tzf $f; done");
            Assert.DoesNotContain("ask", copies.Output, StringComparison.Ordinal);
            await _host.OkAsync("clone", "c", "-n", "d");
            await AssertIsHostsAsync(_host, "d");
            await _host.OkAsync("rm", "-f", "-t", "0", "c", "d");

            await _host.OkAsync("container", "restore", "-i", Archive);
            await AssertIsHostsAsync(_host, "c");
            await _host.OkAsync("container", "checkpoint", "c");
            await _host.OkAsync("container", "restore", "c");
            await AssertIsHostsAsync(_host, "c");
            await _host.OkAsync("restart", "-t", "0", "c");
            Assert.Equal("1", await _host.OkAsync("exec", "c", "grep", "-c", " /o/sub ", "/proc/mounts"));
            await AssertIsHostsAsync(_host, "c");
            await _host.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, "c");
            await _host.OkAsync("rm", "c");

            var flags = $"--allow mount:{Source}:rw --allow mount:{Source}/sub:rw --allow mount:{Source}/part:rw";
            Assert.EndsWith(flags, (await _other.FailAsync("container", "restore", "-i", Archive)).TrimEnd(), StringComparison.Ordinal);
            await _other.OkAsync(["container", "restore", "-i", Archive, .. flags.Split(' ')]);
            await AssertIsHostsAsync(_other, "c");
        }
        finally
        {
            await _host.OkAsync("rm", "-f", "-t", "0", "c", "d");
            Mount.Unmount($"{Source}/part");
        }
    }

    [Fact]
    public async Task Host_s_mount_within_a_volume_is_refused_where_it_would_be_in_no_checkpoint()
    {
        await _host.OkAsync("volume", "create", "data");
        var folder = Path.Combine(_host.Root, "volumes/data/_data/sub");
        _host.MountSmall(folder, 1);
        await _host.OkAsync("run", "-d", "--name", "c", "-v", "data:/o", "workload", "sh", "-c", Script);

        await AssertRefusedAsync("/o/sub", "-e", Archive);
        await _host.OkAsync("container", "checkpoint", "c");
        await _host.OkAsync("container", "restore", "c");
        await AssertIsHostsAsync(_host, "c", folder);
    }

    [Fact]
    public async Task Host_s_mount_at_a_path_that_CRIU_can_t_be_told_is_refused()
    {
        _host.MountSmall($"{Source}/odd[1]", 1);
        await _host.OkAsync("run", "-d", "--name", "c", "-v", $"{Source}:/o", "workload", "sh", "-c", Script);
        await AssertRefusedAsync("/o/odd[1]", "-R", "-e", Archive);
        await _host.OkAsync("rm", "-f", "-t", "0", "c");

        await _host.OkAsync(
            "run", "-d", "--name", "c", "-v", $"{Source}:/o", "-v", $"{Source}/odd[1]:/o/odd[1]", "workload", "sh", "-c", Script);
        await _host.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, "c");
        await _host.OkAsync("rm", "c");
        await _host.OkAsync("container", "restore", "-i", Archive);
    }

    // The container answers what the host writes there.
    private async Task AssertIsHostsAsync(StasisHost host, string name, string? folder = null)
    {
        folder ??= $"{Source}/sub";
        Assert.Equal("running", await host.InspectAsync(name, "{{.State.Status}}"));
        await File.WriteAllTextAsync($"{folder}/ask", $"{Guid.NewGuid():N}\n", TestContext.Current.CancellationToken);
        var asked = await host.OkAsync("exec", name, "cat", "/o/sub/ask");
        Assert.Equal(asked + "\n", await File.ReadAllTextAsync($"{folder}/ask", TestContext.Current.CancellationToken));
        await Eventually.GetAsync(
            () => Task.FromResult(File.Exists($"{folder}/answer") ? File.ReadAllText($"{folder}/answer") : ""),
            text => text.Contains(asked, StringComparison.Ordinal));
        File.Delete($"{folder}/answer");
    }

    private async Task AssertRefusedAsync(string path, params string[] options)
    {
        var dry = await _host.RunAsync(["container", "checkpoint", "--dry-run", "--format", "json", .. options, "c"]);
        Assert.Equal(125, dry.ExitCode);
        var finding = Assert.Single(JsonDocument.Parse(dry.Output).RootElement.EnumerateArray());
        Assert.Equal(("refused", "host-mount", path), (Text("severity"), Text("kind"), Text("path")));
        Assert.Contains($"the mount {path} is the host's", await _host.FailAsync(["container", "checkpoint", .. options, "c"]),
            StringComparison.Ordinal);
        Assert.Equal("running", await _host.InspectAsync("c", "{{.State.Status}}"));

        string? Text(string name) => finding.GetProperty(name).GetString();
    }
}
