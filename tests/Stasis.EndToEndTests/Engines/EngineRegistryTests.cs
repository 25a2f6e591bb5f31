using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>
/// An annotation names a checkpoint image on a registry: the container runs before its memory has been fetched, if the host's import policy
/// allows the registry.
/// </summary>
[Collection<EngineCollection>]
public sealed class EngineRegistryTests(EngineDaemons daemons) : IAsyncLifetime
{
    private const string Settings = "/etc/containers/registries.conf.d/stasis-test.conf", Policy = "/etc/stasis/import-policy.json";

    private readonly string _name = $"registry-{Guid.NewGuid():N}"[..17];
    private LocalRegistry? _registry;
    private string _digest = "";

    private string Archive => Path.Combine(daemons.Folder, _name + ".tar");

    private string Image => $"{_registry!.Address}/lazy@{_digest}";

    public async ValueTask InitializeAsync()
    {
        _registry = await LocalRegistry.StartAsync(Path.Combine(daemons.Folder, _name + "-content"), netns: Peer.NetNs);
        await EngineDaemons.ShellAsync(
            $"""
            mkdir -p $(dirname {Settings})
            printf '[[registry]]\nlocation = "{_registry.Address}"\ninsecure = true\n' >{Settings}
            """);
        var podman = daemons.Interop.Podman("runc");
        await podman.OkAsync("run", "-d", "--name", _name, EngineDaemons.Image, "lazy", "96");
        await Eventually.GetAsync(() => podman.OkAsync("logs", _name), log => log.Contains("filled", StringComparison.Ordinal));
        await podman.OkAsync("container", "checkpoint", "--compress", "none", "--export", Archive, _name);
        await podman.OkAsync("rm", "-f", "-t", "0", _name);
        _digest = await PushAsync();
        File.Delete(Archive);
    }

    public async ValueTask DisposeAsync()
    {
        _registry?.Dispose();
        await EngineDaemons.ShellAsync($"rm -f {Settings} {Policy}");
    }

    [Fact]
    public async Task Docker_restores_what_the_policy_allows_alone()
    {
        var docker = new DockerEngine(daemons, _name);
        try
        {
            var refused = await docker.TryRestoreAsync(Image);

            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("may not be fetched", refused.Error, StringComparison.Ordinal);
            Assert.Contains(Policy, refused.Error, StringComparison.Ordinal);
            await docker.RemoveAsync();
            await AllowAsync();

            await docker.RestoreAsync(Image);

            await WholeAsync(docker);
        }
        finally
        {
            await docker.RemoveAsync();
        }
    }

    [Fact]
    public async Task Pod_runs_before_its_memory_has_been_fetched()
    {
        await AllowAsync();
        using var cri = new CriEngine(daemons, _name)
        {
            PodAnnotations = new Dictionary<string, string> { [$"checkpoint.stasis.dev/{_name}"] = Image },
        };
        try
        {
            await cri.RestoreAnnotatedAsync();

            await WholeAsync(cri);
        }
        finally
        {
            await cri.RemoveAsync();
        }
    }

    // From the host, which has skopeo.
    private async Task<string> PushAsync()
    {
        var root = Path.Combine(daemons.Folder, _name + "-root");
        string[] push = ["archive", "push", "--tls-verify=false", Archive, $"{_registry!.Address}/lazy:v1"];
        var pushed = await Spawn.RunAsync(
            new SpawnOptions
            {
                Program = "nsenter",
                Arguments = [$"--net={Peer.NetNs}", "--", StasisHost.Binary, "--root", root, "--runroot", root + "-run", .. push],
            },
            StasisHost.TimeLimit,
            TestContext.Current.CancellationToken);
        Assert.True(pushed.ExitCode == 0, pushed.Error);
        return pushed.Output.Trim();
    }

    private Task<string> AllowAsync() =>
        EngineDaemons.ShellAsync($$"""echo '{"registries": ["{{_registry!.Address}}"]}' >{{Policy}}""");

    // It was never pulled: there is no image.
    private async Task WholeAsync(RestoringEngine engine)
    {
        var log = await Eventually.GetAsync(engine.LogsAsync, lines => lines.Contains("whole") || lines.Contains("WRONG"));
        Assert.DoesNotContain("WRONG", log, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(daemons.Folder, "root", "layers")));
    }
}
