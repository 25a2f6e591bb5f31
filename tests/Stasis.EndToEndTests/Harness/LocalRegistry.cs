using System.Net;
using System.Net.Sockets;
using System.Text;
using Stasis.Linux.Processes;

namespace Stasis.EndToEndTests.Harness;

/// <summary>A registry on loopback, which speaks plain HTTP.</summary>
public sealed class LocalRegistry : IDisposable
{
    /// <summary>The user of a registry with a login, and his password.</summary>
    public const string User = "ada", Password = "secret";

    /// <summary>Both, as files of credentials have them.</summary>
    public static string Credentials { get; } = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));

    // bcrypt, of Password.
    private const string PasswordHash = "$2b$04$2Xh9eZGUilDr/NOdx329QOEZUF3ox2oEHgPtfacg/0e5z3vKRA7vO";

    private readonly ChildProcess _process;
    private readonly string _folder;
    private bool _isDisposed;

    private LocalRegistry(ChildProcess process, string address, string folder) => (_process, Address, _folder) = (process, address, folder);

    /// <summary>ADDRESS:PORT, which begins the names of its images.</summary>
    public string Address { get; }

    /// <summary>Starts one that keeps its images in a folder, and waits until it answers.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="withLogin">Whether it asks for <see cref="User"/> and <see cref="Password"/>.</param>
    /// <param name="netns">The network namespace that it is in; null for this one.</param>
    /// <param name="tokens">Whose tokens it asks for; null for none.</param>
    /// <param name="certificate">Its certificate, whose file is beside its key; null for plain HTTP.</param>
    public static async Task<LocalRegistry> StartAsync(
        string folder, bool withLogin = false, string? netns = null, TokenService? tokens = null, string? certificate = null)
    {
        string[] prefix = netns is null ? [] : ["nsenter", $"--net={netns}", "--"];
        var port = FindFreePort();
        Directory.CreateDirectory(folder);
        var (config, users) = (Path.Combine(folder, "config.yml"), Path.Combine(folder, "users"));
        await File.WriteAllTextAsync(users, $"{User}:{PasswordHash}\n");
        var login = withLogin ? $"auth:\n  htpasswd:\n    realm: test\n    path: {users}\n" : tokens?.Configuration ?? "";
        var tls = certificate is null ? "" : $"\n  tls:\n    certificate: {certificate}\n    key: {certificate}.key";
        await File.WriteAllTextAsync(config, login + $"""
            version: 0.1
            log:
              level: error
            storage:
              filesystem:
                rootdirectory: {folder}/content
            http:
              addr: 127.0.0.1:{port}
            """ + tls + "\n");
        var process = Spawn.Start(Command([.. prefix, "docker-registry", "serve", config]));
        await Eventually.GetAsync(
            () => Spawn.RunAsync(
                Command([.. prefix, "bash", "-c", FormattableString.Invariant($"exec 2>/dev/null 3<>/dev/tcp/127.0.0.1/{port}")]),
                StasisHost.TimeLimit,
                CancellationToken.None),
            connected => connected.ExitCode == 0);
        return new LocalRegistry(process, FormattableString.Invariant($"127.0.0.1:{port}"), folder);
    }

    /// <summary>It answers nothing until <see cref="GoOn"/>.</summary>
    public void Stop() => _process.Signal(Signals.Stop);

    /// <summary>It answers again.</summary>
    public void GoOn()
    {
        if (!_isDisposed)
            _process.Signal(Signals.Cont);
    }

    /// <summary>The file that holds a blob.</summary>
    /// <param name="digest">The blob's digest.</param>
    public string Blob(string digest)
    {
        var digits = digest.Split(':')[1];
        return Path.Combine(_folder, "content/docker/registry/v2/blobs/sha256", digits[..2], digits, "data");
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _process.Signal(Signals.Kill);
        _process.Wait();
        _process.Dispose();
    }

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static SpawnOptions Command(string[] command) => new() { Program = command[0], Arguments = command[1..] };
}
