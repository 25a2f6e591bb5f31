using System.Globalization;
using Stasis.EndToEndTests.Interop;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>Podman.</summary>
/// <param name="daemons">The engines' daemons.</param>
/// <param name="name">The container's name.</param>
/// <param name="runtime">The runtime that restores; null for stasis-runtime with runc. If it is crun, that starts containers too.</param>
internal sealed class PodmanEngine(EngineDaemons daemons, string name, string? runtime = null) : RestoringEngine(daemons, name)
{
    private readonly Side _podman = daemons.Interop.Podman(runtime ?? daemons.Runtime);

    public override async Task<string> RestoreAsync(string archive)
    {
        var id = await HoldAsync(archive);
        await LetGoAsync();
        return id;
    }

    /// <summary>Has the container restored, and not started.</summary>
    /// <returns>Its ID.</returns>
    public async Task<string> HoldAsync(string archive)
    {
        var id = await _podman.OkAsync(
            "create", "--name", Name, "--hostname", Hostname, "-v", $"{archive}:/.stasis:ro", EngineDaemons.Image, "sh");
        // Not one instruction before its start.
        await _podman.OkAsync("init", Name);
        Assert.Equal("initialized", await _podman.OkAsync("inspect", "-f", "{{.State.Status}}", Name));
        Assert.Equal("", await _podman.OkAsync("logs", Name));
        return id;
    }

    /// <summary>Starts the container, which was held.</summary>
    public Task LetGoAsync() => _podman.OkAsync("start", Name);

    public override Task StartAsync(params string[] command) =>
        Daemons.Interop.Podman(runtime == "crun" ? "crun" : "runc").OkAsync(["run", "-d", "--name", Name, "--hostname", "before", EngineDaemons.Image, .. command]);

    public override Task<string> LogsAsync() => _podman.OkAsync("logs", Name);

    public override Task<string> ShellAsync(string script) => _podman.ShellAsync(Name, script);

    public override async Task PauseAsync()
    {
        await _podman.OkAsync("pause", Name);
        await _podman.OkAsync("unpause", Name);
    }

    public override async Task<int> StopAsync()
    {
        await _podman.OkAsync("stop", Name);
        return int.Parse(await _podman.OkAsync("inspect", "-f", "{{.State.ExitCode}}", Name), CultureInfo.InvariantCulture);
    }

    public override Task RemoveAsync() => _podman.OkAsync("rm", "-f", "-t", "0", "--ignore", Name);
}
