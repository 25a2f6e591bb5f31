using System.Net.Sockets;
using System.Text;

namespace Stasis.Bench;

/// <summary>A server whose first answer is waited for.</summary>
/// <param name="Title">What the report calls it.</param>
/// <param name="Rootfs">The root file system that eng/bench.sh packs.</param>
/// <param name="Script">What the container's shell runs.</param>
/// <param name="Port">Where it listens.</param>
internal sealed record WarmProgram(string Title, string Rootfs, string Script, int Port)
{
    private const string Large = "programs-large";

    private static readonly byte[] HttpRequest = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    // StartupMessage of protocol 3.0 for user and database postgres, and Query "SELECT 1" (PostgreSQL, frontend/backend protocol).
    private static readonly byte[] SqlRequest =
    [
        0, 0, 0, 41, 0, 3, 0, 0, .. "user\0postgres\0database\0postgres\0\0"u8, (byte)'Q', 0, 0, 0, 13, .. "SELECT 1\0"u8,
    ];

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static IReadOnlyList<WarmProgram> All { get; } =
    [
        new("JVM", Large, """
            cat >/tmp/Server.java <<'JAVA'
            import com.sun.net.httpserver.*;
            public class Server {
                public static void main(String[] args) throws Exception {
                    var server = HttpServer.create(new java.net.InetSocketAddress(80), 0);
                    server.createContext("/", exchange -> {
                        byte[] answer = "answer".getBytes();
                        exchange.sendResponseHeaders(200, answer.length);
                        exchange.getResponseBody().write(answer);
                        exchange.close();
                    });
                    server.start();
                }
            }
            JAVA
            exec java /tmp/Server.java
            """, 80) { Answer = "answer" },
        new("Node.js", Large, """
            exec node -e 'require("http").createServer((request, response) => response.end("answer")).listen(80)'
            """, 80) { Answer = "answer" },
        new("ASP.NET Core", Large, "cd /opt/web; DOTNET_ROOT=/opt/dotnet exec ./web --urls http://*:80", 80) { Answer = "200 OK" },
        new("PostgreSQL", "postgres", """
            PATH=/postgresql/bin:$PATH; export PATH
            echo 'host all all 0.0.0.0/0 trust' >>/var/lib/postgresql/data/pg_hba.conf
            exec postgres -D /var/lib/postgresql/data -k /tmp -c listen_addresses='*' -c unix_socket_directories=/tmp
            """, 5432)
        {
            Answer = "SELECT 1", // the tag of CommandComplete
            Request = SqlRequest,
            RunOptions = ["--env", "LD_PRELOAD=/lib/euid.so", "--shm-size", "96m"],
            WarmingRequests = 1,
        },
    ];

    /// <summary>What its answer contains.</summary>
    public required string Answer { get; init; }

    /// <summary>What it is asked.</summary>
    public byte[] Request { get; init; } = HttpRequest;

    /// <summary>Options of run.</summary>
    public string[] RunOptions { get; init; } = [];

    /// <summary>How often it is asked before it is checkpointed: a program that compiles itself is warm only then.</summary>
    public int WarmingRequests { get; init; } = 200;

    /// <summary>Asks until there is an answer.</summary>
    public async Task AskAsync(string address)
    {
        for (var begun = DateTime.UtcNow; DateTime.UtcNow - begun < Limit; await Task.Delay(1))
        {
            if (await TryAskAsync(address))
                return;
        }
        throw new InvalidOperationException($"{Title} has not answered within {Limit}");
    }

    private async Task<bool> TryAskAsync(string address)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address, Port);
            var stream = client.GetStream();
            await stream.WriteAsync(Request);
            var (buffer, text) = (new byte[4096], "");
            for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
            {
                text += Encoding.Latin1.GetString(buffer, 0, read);
                if (text.Contains(Answer, StringComparison.Ordinal))
                    return true;
            }
            return false;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false; // it doesn't listen yet
        }
    }
}
