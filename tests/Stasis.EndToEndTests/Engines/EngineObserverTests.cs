using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>A program that watches its children and its session's keyring sees nothing of the restore under Docker.</summary>
[Collection<EngineCollection>]
public sealed class EngineObserverTests(EngineDaemons daemons) : IAsyncLifetime
{
    // The profiles of Podman and Docker allow no keyctl(2).
    private static readonly string[] Options = ["--security-opt", "seccomp=unconfined"];

    private readonly string _name = $"engine-{Guid.NewGuid():N}"[..16];

    private string Archive => Path.Combine(daemons.Folder, _name + ".tar");

    public async ValueTask InitializeAsync()
    {
        var podman = daemons.Interop.Podman("runc");
        try
        {
            await podman.OkAsync(["run", "-d", "--name", _name, .. Options, EngineDaemons.Image, "observer"]);
            await Eventually.GetAsync(() => podman.OkAsync("logs", _name), log => log.Contains('\n'));
            await podman.OkAsync("container", "checkpoint", "--compress", "none", "--export", Archive, _name);
        }
        finally
        {
            await podman.RunAsync("rm", "-f", "-t", "0", _name);
        }
    }

    public async ValueTask DisposeAsync() => await new DockerEngine(daemons, _name).RemoveAsync();

    [Fact]
    public async Task Nothing_of_the_restore_is_seen()
    {
        const int Enough = 20;
        var docker = new DockerEngine(daemons, _name) { RestoreOptions = Options };

        var id = await docker.RestoreAsync(Archive);

        var log = await Eventually.GetAsync(docker.LogsAsync, log => log.Split('\n').Length > Enough);
        Assert.DoesNotContain("BROKEN", log, StringComparison.Ordinal);
        Assert.All(log.Split('\n'), line => Assert.EndsWith($";_ses.{id}", line, StringComparison.Ordinal));
    }
}
