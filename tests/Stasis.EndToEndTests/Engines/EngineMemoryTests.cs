using System.Security.Cryptography;
using System.Text.Json;
using Stasis.EndToEndTests.Interop;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>Memory of a container that another engine restores: it comes while the container runs, and within the engine's limit.</summary>
[Collection<EngineCollection>]
public sealed class EngineMemoryTests(EngineDaemons daemons)
{
    private readonly string _name = $"memory-{Guid.NewGuid():N}"[..16];

    private string Archive => Path.Combine(daemons.Folder, _name + ".tar");

    private string Gate => Path.Combine(daemons.Folder, _name + ".gate");

    private Side Stasis => daemons.Interop.StasisInPeer("runc");

    [Theory]
    [InlineData("docker")]
    [InlineData("cri")]
    [InlineData("podman")]
    public async Task All_of_it_is_found_with_fork_discard_move_and_unmap_meanwhile(string kind)
    {
        await CheckpointAsync("96");
        RestoringEngine engine = kind switch
        {
            "docker" => new DockerEngine(daemons, _name),
            "cri" => new CriEngine(daemons, _name),
            _ => new PodmanEngine(daemons, _name),
        };
        using var disposed = engine as IDisposable;
        string id;
        try
        {
            id = await engine.RestoreAsync(Archive);

            var log = await Eventually.GetAsync(engine.LogsAsync, lines => lines.Contains("whole") || lines.Contains("WRONG"));
            Assert.DoesNotContain("WRONG", log, StringComparison.Ordinal);
            // A page server keeps the order in which the memory was touched.
            Assert.True(File.Exists(Path.Combine(daemons.Folder, "root", "checkpoints", await HashAsync(Archive), "page-order")));
            await Eventually.GetAsync(() => ReadProgressAsync(id), progress => progress is null);
            await engine.PauseAsync();
        }
        finally
        {
            await engine.RemoveAsync();
        }
        Assert.Equal("", await EngineDaemons.FindLeftoversAsync(id));
    }

    [Fact]
    public async Task When_the_page_server_is_killed_the_container_is_killed()
    {
        var ctr = await RestoreHeldBackAsync();
        try
        {
            var server = (await ReadProgressAsync(_name))!.RootElement.GetProperty("Server").GetInt32();
            await EngineDaemons.ShellAsync($"kill -9 {server}");

            await Eventually.GetAsync(() => daemons.CtrAsync("task", "ls"), tasks => tasks.Contains("STOPPED", StringComparison.Ordinal));
            Assert.DoesNotContain("WRONG", await ctr.LogsAsync(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(Gate);
            await ctr.RemoveAsync();
        }
        Assert.Equal("", await EngineDaemons.FindLeftoversAsync(_name));
        await Eventually.GetAsync(EngineDaemons.FindPageServersAsync, servers => servers.Length == 0);
    }

    [Fact]
    public async Task Container_is_removed_while_pages_are_outstanding()
    {
        var ctr = await RestoreHeldBackAsync();
        await ctr.RemoveAsync();

        Assert.Equal("", await EngineDaemons.FindLeftoversAsync(_name));
        File.Delete(Gate);
        await Eventually.GetAsync(EngineDaemons.FindPageServersAsync, servers => servers.Length == 0);
    }

    [Fact]
    public async Task Container_is_not_checkpointed_while_pages_are_outstanding()
    {
        var ctr = await RestoreHeldBackAsync();
        string[] checkpoint = ["container", "checkpoint", "--engine", "containerd", "-e", Archive + "-again", _name];
        try
        {
            var refused = await Stasis.RunAsync(checkpoint);
            Assert.Contains("aren't there yet", refused.Error, StringComparison.Ordinal);
            File.Delete(Gate);

            await Stasis.OkAsync(checkpoint);
            var log = await ctr.LogsAsync();
            await Eventually.GetAsync(ctr.LogsAsync, longer => longer.Length > log.Length);
        }
        finally
        {
            File.Delete(Gate);
            await ctr.RemoveAsync();
        }
    }

    [Fact]
    public async Task What_exceeds_the_limit_of_the_container_is_refused()
    {
        await CheckpointAsync("96", "idle");
        var docker = new DockerEngine(daemons, _name) { RestoreOptions = ["--memory", "64m"] };
        try
        {
            var refused = await docker.TryRestoreAsync(Archive);

            Assert.NotEqual(0, refused.ExitCode);
            Assert.Matches("a process has 1[0-9]{2} MB of memory, and the container is limited to 68 MB", refused.Error);
        }
        finally
        {
            await docker.RemoveAsync();
        }
    }

    private async Task CheckpointAsync(params string[] program)
    {
        var podman = daemons.Interop.Podman("runc");
        try
        {
            await podman.OkAsync(["run", "-d", "--name", _name, EngineDaemons.Image, "lazy", .. program]);
            await Eventually.GetAsync(() => podman.OkAsync("logs", _name), log => log.Contains("filled", StringComparison.Ordinal));
            await podman.OkAsync("container", "checkpoint", "--compress", "none", "--export", Archive, _name);
        }
        finally
        {
            await podman.RunAsync("rm", "-f", "-t", "0", _name);
        }
    }

    // Until the gate's file is gone, the page server supplies nothing but what the container touches.
    private async Task<CtrEngine> RestoreHeldBackAsync()
    {
        await CheckpointAsync("96", "idle");
        var (gate, script) = (Gate, Path.Combine(daemons.Folder, _name + ".sh"));
        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);
        EngineDaemons.WriteScript(script, $"export STASIS_FAULT=pages.background=wait:{gate}\nexec {daemons.Runtime} \"$@\"\n");
        var ctr = new CtrEngine(daemons, _name, hasNetwork: false) { Runtime = script };
        await ctr.RestoreAsync(Archive);
        await Eventually.GetAsync(ctr.LogsAsync, log => log.Contains("alive", StringComparison.Ordinal));
        return ctr;
    }

    private static async Task<JsonDocument?> ReadProgressAsync(string id)
    {
        var json = await EngineDaemons.ReadRecordAsync(id, "lazy-pages.json");
        return json.Length == 0 ? null : JsonDocument.Parse(json);
    }

    private static async Task<string> HashAsync(string file)
    {
        await using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, TestContext.Current.CancellationToken));
    }
}
