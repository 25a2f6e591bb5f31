using System.Net;
using System.Net.Sockets;
using Stasis.Linux.Processes;

namespace Stasis.EndToEndTests.Harness;

/// <summary>A registry on loopback, which speaks plain HTTP.</summary>
public sealed class LocalRegistry : IDisposable
{
    /// <summary>The user of a registry with a login, and his password.</summary>
    public const string User = "ada", Password = "secret";

    // bcrypt, of Password.
    private const string PasswordHash = "$2b$04$2Xh9eZGUilDr/NOdx329QOEZUF3ox2oEHgPtfacg/0e5z3vKRA7vO";

    private readonly ChildProcess _process;

    private LocalRegistry(ChildProcess process, string address) => (_process, Address) = (process, address);

    /// <summary>ADDRESS:PORT, which begins the names of its images.</summary>
    public string Address { get; }

    /// <summary>Starts one that keeps its images in a folder, and waits until it answers.</summary>
    public static async Task<LocalRegistry> StartAsync(string folder, bool withLogin = false)
    {
        var port = FindFreePort();
        Directory.CreateDirectory(folder);
        var (config, users) = (Path.Combine(folder, "config.yml"), Path.Combine(folder, "users"));
        await File.WriteAllTextAsync(users, $"{User}:{PasswordHash}\n");
        var login = withLogin ? $"auth:\n  htpasswd:\n    realm: test\n    path: {users}\n" : "";
        await File.WriteAllTextAsync(config, login + $"""
            version: 0.1
            log:
              level: error
            storage:
              filesystem:
                rootdirectory: {folder}/content
            http:
              addr: 127.0.0.1:{port}
            """);
        var process = Spawn.Start(new SpawnOptions { Program = "docker-registry", Arguments = ["serve", config] });
        await Eventually.TrueAsync(() => CanConnect(port), "the registry answers");
        return new LocalRegistry(process, FormattableString.Invariant($"127.0.0.1:{port}"));
    }

    public void Dispose()
    {
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

    private static bool CanConnect(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
