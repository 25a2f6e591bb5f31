using System.Net;
using System.Net.Sockets;
using System.Text;
using Stasis.Linux.Network;

namespace Stasis.EndToEndTests.Harness;

/// <summary>A TCP connection from a host's network namespace, over which lines go both ways.</summary>
public sealed class Line : IDisposable
{
    private readonly Socket _socket;
    private readonly StreamReader _reader;

    private Line(Socket socket) =>
        (_socket, _reader) = (socket, new StreamReader(new NetworkStream(socket, ownsSocket: true), Encoding.ASCII));

    /// <summary>What a container runs to answer each line with the same line, on a port, one connection at a time.</summary>
    public static string[] Echo(int port) => ["sh", "-c", $"while :; do nc -l -p {port} -e cat; done"];

    /// <summary>Connects; the server may still be on its way.</summary>
    public static async Task<Line> ConnectAsync(StasisHost host, string address, int port) =>
        new(await Eventually.GetAsync(() => Task.FromResult(TryConnect(host, address, port)), socket => socket is not null)
            ?? throw new InvalidOperationException());

    /// <summary>Whether somebody answers there.</summary>
    public static bool Answers(StasisHost host, string address, int port)
    {
        using var socket = TryConnect(host, address, port);
        return socket is not null;
    }

    /// <summary>Sends a line.</summary>
    public Task SayAsync(string line) => _socket.SendAsync(Encoding.ASCII.GetBytes(line + "\n"));

    /// <summary>Gives the next line that comes; null when the other side has ended it.</summary>
    public async Task<string?> HearAsync()
    {
        using var limit = new CancellationTokenSource(Eventually.HangGuard);
        return await _reader.ReadLineAsync(limit.Token);
    }

    /// <summary>Sends a line and gives the answer.</summary>
    public async Task<string?> AskAsync(string line)
    {
        await SayAsync(line);
        return await HearAsync();
    }

    public void Dispose() => _reader.Dispose();

    // A socket stays in the namespace that it was made in.
    private static Socket? TryConnect(StasisHost host, string address, int port)
    {
        var ip = IPAddress.Parse(address);
        Socket? socket = null;
        NetworkNamespace.Run(host.NetNs ?? throw new InvalidOperationException("the host has no networks"),
            () => socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            return socket!.ConnectAsync(ip, port).Wait(TimeSpan.FromSeconds(2)) ? socket : Closed(socket);
        }
        catch (AggregateException e) when (e.InnerException is SocketException)
        {
            return Closed(socket!);
        }

        static Socket? Closed(Socket socket)
        {
            socket.Dispose();
            return null;
        }
    }
}
