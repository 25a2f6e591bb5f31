using System.Diagnostics;
using System.Net.Sockets;

namespace Stasis.Bench;

/// <summary>A registry on loopback, which speaks plain HTTP. Images, Podman and stasis-runtime are told so in the peer.</summary>
internal sealed class LocalRegistry : IAsyncDisposable
{
    private const int Port = 5000;
    private const string Settings = "/etc/containers/registries.conf.d/stasis-bench.conf";

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
            storage:
              filesystem:
                rootdirectory: {folder}
            http:
              addr: 127.0.0.1:{Port}
            """);
        var registry = new LocalRegistry(options, Process.Start("docker-registry", ["serve", config]));
        var entry = $"""[[registry]]\nlocation = "127.0.0.1:{Port}"\ninsecure = true\n""";
        await registry.ShellAsync($"mkdir -p $(dirname {Settings}); printf '{entry}' >{Settings}");
        while (!await AnswersAsync())
            await Task.Delay(20);
        return registry;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await ShellAsync($"rm -f {Settings}");
        Directory.Delete(Path.Combine(_options.Work, "registry"), recursive: true);
    }

    private static async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Task<Command> ShellAsync(string script) => Command.RunAsync([_options.PeerRun, "sh", "-c", script]);
}
