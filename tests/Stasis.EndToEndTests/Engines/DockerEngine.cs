using System.Globalization;
using Stasis.Linux.Processes;

namespace Stasis.EndToEndTests.Engines;

/// <summary>Docker, with its own bridge.</summary>
internal sealed class DockerEngine(EngineDaemons daemons, string name) : RestoringEngine(daemons, name)
{
    /// <summary>The runtime, by its name in Docker's settings.</summary>
    public string Runtime { get; init; } = "stasis";

    /// <summary>Further options of a container that is restored.</summary>
    public IReadOnlyList<string> RestoreOptions { get; init; } = [];

    /// <summary>NAME=VALUE of each.</summary>
    public IReadOnlyList<string> Annotations { get; init; } = [];

    /// <summary>Further options of a container that is started without a checkpoint.</summary>
    public IReadOnlyList<string> RunOptions { get; init; } = [];

    public override Task<string> RestoreAsync(string archive) => RunAsync(archive, "sh");

    /// <summary>As above, with a command that a restart may run.</summary>
    public Task<string> RunAsync(string archive, params string[] command) =>
        Daemons.DockerAsync(["run", "-d", .. Describe(archive), .. command]);

    /// <summary>As <see cref="RestoreAsync"/>, and may fail.</summary>
    public Task<ProgramResult> TryRestoreAsync(string archive) => Daemons.TryDockerAsync(["run", "-d", .. Describe(archive), "sh"]);

    /// <summary>Makes the container without starting it.</summary>
    public Task<string> CreateAsync(string archive) => Daemons.DockerAsync(["create", .. Describe(archive), "sh"]);

    /// <summary>Starts the container, which is restored then.</summary>
    public Task<ProgramResult> TryStartAsync() => Daemons.TryDockerAsync("start", Name);

    public override Task StartAsync(params string[] command) =>
        Daemons.DockerAsync(["run", "-d", "--name", Name, "--hostname", "before", .. RunOptions, EngineDaemons.Image, .. command]);

    public override Task<string> LogsAsync() => Daemons.DockerAsync("logs", Name);

    public override Task<string> ShellAsync(string script) => Daemons.DockerAsync("exec", Name, "sh", "-c", script);

    public override async Task PauseAsync()
    {
        await Daemons.DockerAsync("pause", Name);
        await Daemons.DockerAsync("unpause", Name);
    }

    public override async Task<int> StopAsync()
    {
        await Daemons.DockerAsync("stop", Name);
        return int.Parse(await Daemons.DockerAsync("inspect", "-f", "{{.State.ExitCode}}", Name), CultureInfo.InvariantCulture);
    }

    // An archive, or an image by its digest.
    private static string[] Mount(string checkpoint) => checkpoint.Contains("@sha256:", StringComparison.Ordinal)
        ? ["--annotation", $"dev.stasis.checkpoint={checkpoint}"] : ["-v", $"{checkpoint}:/.stasis:ro"];

    private string[] Describe(string archive) =>
    [
        "--name", Name, "--runtime", Runtime, "--hostname", Hostname, .. Mount(archive), .. RestoreOptions,
        .. Annotations.SelectMany(annotation => (string[])["--annotation", annotation]), EngineDaemons.Image,
    ];

    public override Task RemoveAsync() =>
        EngineDaemons.ShellAsync($"docker --host unix://{Daemons.Folder}/docker.sock rm -f {Name} || true");
}
