using System.Diagnostics;

namespace Stasis.Bench;

/// <summary>A registry on the peer's loopback, which speaks plain HTTP. Podman and stasis-runtime are told so in the peer.</summary>
internal sealed class LocalRegistry : IAsyncDisposable
{
    private const int Port = 5000;
    private const string Settings = "/etc/containers/registries.conf.d/stasis-bench.conf";

    // The peer has a network of its own.
    private static readonly string[] Enter =
        ["nsenter", $"--net=/proc/{File.ReadAllText("/run/stasis-peer/holder").Split(' ')[0]}/ns/net", "--"];

    private readonly Options _options;
    private readonly Process _process;

    private LocalRegistry(Options options, Process process) => (_options, _process) = (options, process);

    /// <summary>The image that the bench has on it, without tag and digest.</summary>
    public string Image { get; } = FormattableString.Invariant($"127.0.0.1:{Port}/memory");

    /// <summary>Starts it, and waits until it answers.</summary>
    public static async Task<LocalRegistry> StartAsync(Options options)
    {
        var folder = Path.Combine(options.Work, "registry");
        Directory.CreateDirectory(folder);
        var config = Path.Combine(folder, "config.yml");
        await File.WriteAllTextAsync(config, $"""
            version: 0.1
            log:
              level: error
              accesslog:
                disabled: true
            storage:
              filesystem:
                rootdirectory: {folder}
            http:
              addr: 127.0.0.1:{Port}
            """);
        var registry = new LocalRegistry(options, Process.Start(
            Enter[0], [.. Enter[1..], "sh", "-c", $"exec docker-registry serve {config} >/dev/null 2>&1"]));
        var entry = $"""[[registry]]\nlocation = "127.0.0.1:{Port}"\ninsecure = true\n""";
        await registry.ShellAsync($"mkdir -p $(dirname {Settings}); printf '{entry}' >{Settings}");
        while (!registry._process.HasExited)
        {
            try
            {
                await Command.RunAsync([.. Enter, "bash", "-c", $"exec 2>/dev/null 3<>/dev/tcp/127.0.0.1/{Port}"]);
                return registry;
            }
            catch (InvalidOperationException)
            {
                await Task.Delay(20);
            }
        }
        throw new InvalidOperationException("docker-registry has ended");
    }

    /// <summary>Pushes an archive as a checkpoint image; gives its name with its digest.</summary>
    public async Task<string> PushAsync(string archive)
    {
        string[] stasis = [_options.StasisBinary, "archive", "push", "--tls-verify=false", archive, Image + ":v1"];
        return $"{Image}@{(await Command.RunAsync([.. Enter, .. stasis])).Output.Trim()}";
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await ShellAsync($"rm -f {Settings}");
        Directory.Delete(Path.Combine(_options.Work, "registry"), recursive: true);
    }

    private Task<Command> ShellAsync(string script) => Command.RunAsync([_options.PeerRun, "sh", "-c", script]);
}
